"""Load templates with what never changes in a language written out: texts, URLs, static files, icons.

A page has 40 such tags, each of which takes 13 to 19 µs whenever it is rendered: half a millisecond of the
3 that a page may cost. Here they are rendered once, when a process first loads the template in a
language. Templates are written as any others.
"""

from typing import Any

from django.template import Context, Engine, Node, NodeList, Template
from django.template.base import FilterExpression, TextNode
from django.template.defaulttags import IfNode, URLNode
from django.template.loader_tags import IncludeNode
from django.template.loaders import base, cached
from django.templatetags.i18n import TranslateNode
from django.templatetags.static import StaticNode
from django.utils.translation import get_language


class WritingLoader(base.Loader):
    """Compiles templates, and writes out their constant tags."""

    def get_template(self, template_name: str, skip: Any = None) -> Template:
        """Return a template for the language that is active. Raises TemplateDoesNotExist."""
        template = super().get_template(template_name, skip)
        write_constants(template.nodelist, template.engine)
        return template


class Loader(cached.Loader, WritingLoader):
    """Keeps what `WritingLoader`, next in line, has compiled: one template for each language."""

    def cache_key(self, template_name: str, skip: Any = None) -> str:
        """Return the name, with the language."""
        return f"{get_language()} {super().cache_key(template_name, skip)}"


def write_constants(nodes: NodeList, engine: Engine) -> None:
    """Replace the constant tags among these nodes, and within them, by what they render."""
    for number, node in enumerate(nodes):
        if is_constant(node):
            context = Context()
            with context.bind_template(Template("", engine=engine)):
                nodes[number] = TextNode(node.render(context))
        else:
            for children in _children(node):
                write_constants(children, engine)


def is_constant(node: Node) -> bool:
    """Return whether a tag renders the same wherever it stands, in one language."""
    if isinstance(node, TranslateNode):
        named = node.asvar or node.message_context
        return not named and _is_literal(node.filter_expression)
    if isinstance(node, StaticNode):
        return node.varname is None and _is_literal(node.path)
    if isinstance(node, URLNode):
        has_arguments = node.args or node.kwargs or node.asvar
        return not has_arguments and _is_literal(node.view_name)
    if isinstance(node, IncludeNode):
        given = [node.template, *node.extra_context.values()]
        return node.isolated_context and all(_is_literal(one) for one in given)
    return False


def _is_literal(expression: FilterExpression) -> bool:
    if expression.filters:
        return False
    return isinstance(expression.var, str) or expression.var.literal is not None


def _children(node: Node) -> list[NodeList]:
    if isinstance(node, IfNode):
        return [nodes for _condition, nodes in node.conditions_nodelists]
    return [getattr(node, name) for name in node.child_nodelists if hasattr(node, name)]

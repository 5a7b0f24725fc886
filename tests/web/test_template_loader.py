"""Templates as they are loaded: what never changes in a language is written out."""

import pytest
from django.template import Context, Template, engines
from django.template.base import TextNode
from django.utils import translation

from marquee.web.template_loader import write_constants

CONTEXT = {"name": "Log in", "icon": "clock", "id": 7, "yes": True}


def written(source: str) -> Template:
    template = Template("{% load i18n static %}" + source)
    write_constants(template.nodelist, template.engine)
    return template


CONSTANT = [
    "{% translate 'Log in' %}",
    '{% translate "What\'s on" %}',
    "{% static 'web/icon.svg' %}",
    "{% url 'my-bookings' %}",
    "{% include 'components/icon.html' with icon='clock' only %}",
]
VARIABLE = [
    "{% translate name %}",
    "{% translate 'Log in'|upper %}",
    "{% translate 'Log in' as said %}{{ said }}",
    "{% translate 'Log in' context 'verb' %}",
    "{% static 'web/icon.svg' as icon %}{{ icon }}",
    "{% url 'movie' id %}",
    "{% url 'my-bookings' as here %}{{ here }}",
    "{% include 'components/icon.html' with icon=icon only %}",
    "{% include 'components/icon.html' %}",
]


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("source", CONSTANT + VARIABLE)
def test_a_template_renders_what_it_would_have(source, language):
    with translation.override(language):
        plain = Template("{% load i18n static %}" + source).render(Context(CONTEXT))
        assert written(source).render(Context(CONTEXT)) == plain


@pytest.mark.parametrize(
    "within", ["%s", "{%% if yes %%}%s{%% endif %%}", "{%% block a %%}%s{%% endblock %%}"]
)
@pytest.mark.parametrize("source", CONSTANT)
def test_constant_tags_become_text(source, within):
    nodes = written(within % source).nodelist
    assert any(node.s for node in nodes.get_nodes_by_type(TextNode))
    with translation.override("de"):  # nothing is left to translate
        assert "Anmelden" not in nodes.render(Context(CONTEXT))


@pytest.mark.parametrize("source", VARIABLE)
def test_tags_that_depend_on_the_page_stay(source):
    kinds = [type(node) for node in written(source).nodelist[1:]]
    assert TextNode not in kinds


@pytest.mark.parametrize("languages", [("en", "de"), ("de", "en")])
def test_each_language_has_templates_of_its_own(languages):
    engine = engines["django"].engine
    engine.template_loaders[0].reset()
    for language in languages:
        with translation.override(language):
            page = engine.get_template("layout.html").render(Context({"header": None}))
        assert ("Meine Buchungen" in page) == (language == "de")

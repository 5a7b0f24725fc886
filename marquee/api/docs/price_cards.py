"""OpenAPI texts and examples of `price-cards/`."""

from drf_spectacular.utils import OpenApiExample, extend_schema_view

from marquee.api.docs.operations import operation
from marquee.api.serializers.price_cards import PriceCardSerializer
from marquee.catalog.errors import NameTaken, RemovedMeanwhile

TAGS = ["price cards"]
LINES = [
    {"category": "standard", "type": "adult", "amount": "12.50"},
    {"category": "standard", "type": "child", "amount": "9.00"},
    {"category": "premium", "type": "adult", "amount": "15.00"},
    {"category": "recliner", "type": "adult", "amount": "19.90"},
]
PRICE_CARD = {"cinema": 1, "name": "Evenings", "default_type": "adult", "prices": LINES}
REQUEST_EXAMPLE = OpenApiExample("A price card", PRICE_CARD, request_only=True)
RESPONSE_EXAMPLE = OpenApiExample(
    "A price card",
    {"id": 2}
    | PRICE_CARD
    | {
        "currency": "EUR",
        "version": 1,
        "prices": [line | {"counter_only": False} for line in LINES],
        "wheelchair_limit": 1,
    },
    response_only=True,
)


viewset = extend_schema_view(
    list=operation(
        operation_id="price_card_list",
        tags=TAGS,
        summary="List price cards",
        description="Customers read a show's prices from the show.",
        responses=PriceCardSerializer(many=True),
        examples=[RESPONSE_EXAMPLE],
    ),
    retrieve=operation(
        operation_id="price_card_read",
        tags=TAGS,
        summary="Read a price card",
        description="Returns one price card.",
        responses=PriceCardSerializer,
        examples=[RESPONSE_EXAMPLE],
    ),
    create=operation(
        operation_id="price_card_create",
        tags=TAGS,
        summary="Add a price card",
        description=(
            "Each pair of category and ticket type may have one price. The default type "
            "needs at least one. A type without a price for a category is not sold there."
        ),
        responses={201: PriceCardSerializer},
        examples=[REQUEST_EXAMPLE, RESPONSE_EXAMPLE],
        refusals=(
            NameTaken,
            RemovedMeanwhile,
        ),
    ),
    update=operation(
        operation_id="price_card_replace",
        tags=TAGS,
        summary="Replace a price card",
        description=(
            "Bookings and holds keep their prices. Every seat of upcoming shows must keep "
            "a price for the default type."
        ),
        responses=PriceCardSerializer,
        examples=[REQUEST_EXAMPLE, RESPONSE_EXAMPLE],
        refusals=(
            NameTaken,
            RemovedMeanwhile,
        ),
    ),
    partial_update=operation(
        operation_id="price_card_change",
        tags=TAGS,
        summary="Change a price card",
        description=(
            "Fields left out keep their values; `prices` are replaced as a whole. "
            "Bookings and holds keep their prices. Every seat of upcoming shows must keep a price "
            "for the default type."
        ),
        responses=PriceCardSerializer,
        examples=[
            OpenApiExample("Another name", {"name": "Matinees"}, request_only=True),
            RESPONSE_EXAMPLE,
        ],
        refusals=(
            NameTaken,
            RemovedMeanwhile,
        ),
    ),
    destroy=operation(
        operation_id="price_card_remove",
        tags=TAGS,
        summary="Remove a price card",
        description="A price card that shows use cannot be removed.",
        request=None,
        responses={204: None},
        refusals=(RemovedMeanwhile,),
    ),
)

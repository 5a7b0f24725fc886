"""Movies, their genres, and what they are called in other languages."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from marquee.catalog.fields import (
    LanguageField,
    unique_name,
    visible_name,
)
from marquee.core.derived import DerivedTextField
from marquee.core.validators import validate_line, validate_lines


class Genre(models.Model):
    """A genre of movies, such as Drama or Science fiction."""

    name = models.CharField(max_length=50, validators=[validate_line])
    name_key = DerivedTextField(key="name", sources=["name"])
    sort_name = DerivedTextField(key="sort", sources=["name"])
    search_text = DerivedTextField(key="search", sources=["name"])

    class Meta:
        db_table = "genre"
        ordering = ["sort_name", "id"]
        constraints = [
            unique_name("genre_name_unique", "name_key", message="There is such a genre already."),
            visible_name("genre"),
        ]

    def __str__(self) -> str:
        return self.name


class Movie(models.Model):
    """A movie that cinemas show."""

    title = models.CharField(max_length=200, validators=[validate_line])
    original_title = models.CharField(max_length=200, blank=True, validators=[validate_line])
    synopsis = models.TextField(max_length=5000, blank=True, validators=[validate_lines])
    runtime_minutes = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(1500)]
    )
    certificate = models.CharField(
        "age certificate", max_length=20, blank=True, validators=[validate_line]
    )
    genres = models.ManyToManyField(Genre, blank=True, related_name="movies")
    original_language = LanguageField(blank=True)
    release_date = models.DateField(null=True, blank=True)
    poster = models.URLField(
        "poster address", max_length=500, blank=True, help_text="Left blank, we draw one."
    )
    trailer = models.URLField("trailer address", max_length=500, blank=True)
    sort_title = DerivedTextField(
        key="title", sources=["title", "original_title", "original_language"]
    )
    search_text = DerivedTextField(key="search", sources=["title", "original_title"])

    class Meta:
        db_table = "movie"
        ordering = ["sort_title", "id"]
        indexes = [models.Index(fields=["sort_title", "id"], name="movie_by_title")]
        constraints = [visible_name("movie", column="sort_title")]

    def __str__(self) -> str:
        return self.title


class MovieTranslation(models.Model):
    """What a movie is called in one language of the pages, and what it is about."""

    movie = models.ForeignKey(
        Movie, on_delete=models.CASCADE, related_name="translations", db_index=False
    )
    language = models.CharField(max_length=10, help_text="One of LANGUAGES: de.")
    title = models.CharField(max_length=200, validators=[validate_line])
    synopsis = models.TextField(max_length=5000, blank=True, validators=[validate_lines])
    search_text = DerivedTextField(key="search", sources=["title"])

    class Meta:
        db_table = "movie_translation"
        ordering = ["movie", "language"]
        constraints = [
            models.UniqueConstraint(
                fields=["movie", "language"], name="movie_translated_once_into_a_language"
            ),
            visible_name("movie_translation", column="search_text"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.language})"

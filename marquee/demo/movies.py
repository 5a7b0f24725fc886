"""The movies of the demo: real movies, facts only, each synopsis in our own words.

Certificates are those of the British Board of Film Classification. Dates are the first release
in the country of origin; runtimes are of the version that cinemas show today.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum, auto


class MovieGroup(StrEnum):
    """The group of a movie, which decides when and in which auditorium it is shown."""

    FAMILY = auto()
    CURRENT = auto()
    WORLD = auto()
    CLASSIC = auto()


@dataclass(frozen=True, slots=True)
class DemoMovie:
    """A movie, and its formats besides 2D."""

    title: str
    original_title: str
    language: str
    released: date
    minutes: int
    certificate: str
    genres: tuple[str, ...]
    group: MovieGroup
    synopsis: str
    formats: tuple[str, ...] = ()


# Codes of formats, which a migration adds.
TWO_D, THREE_D, IMAX, IMAX_3D, SEVENTY_MM = "2D", "3D", "IMAX", "IMAX 3D", "70mm"

DEMO_MOVIES = (
    # --- For families ---------------------------------------------------------------------------
    DemoMovie(
        "The Wizard of Oz", "The Wizard of Oz", "en", date(1939, 8, 25), 102, "U",
        ("Family", "Fantasy", "Musical"), MovieGroup.FAMILY,
        "A tornado carries a Kansas girl and her dog to a land in colour. With a scarecrow, a tin"
        " man and a lion she sets out to find the wizard who might send her home.",
    ),
    DemoMovie(
        "My Neighbour Totoro", "となりのトトロ", "ja", date(1988, 4, 16), 86, "U",
        ("Animation", "Family", "Fantasy"), MovieGroup.FAMILY,
        "Two sisters move to the country to be near their mother, who is in hospital, and find"
        " that the woods beside the house have a large and kindly keeper.",
    ),
    DemoMovie(
        "Spirited Away", "千と千尋の神隠し", "ja", date(2001, 7, 20), 125, "PG",
        ("Animation", "Family", "Fantasy"), MovieGroup.FAMILY,
        "Ten-year-old Chihiro strays into a bathhouse for spirits, where her name is taken from"
        " her. She has to work for the witch who owns it until she can free her parents.",
    ),
    DemoMovie(
        "Ernest & Celestine", "Ernest et Célestine", "fr", date(2012, 12, 12), 80, "U",
        ("Animation", "Family"), MovieGroup.FAMILY,
        "Bears live above, mice below, and neither trusts the other. A hungry bear and a mouse who"
        " would rather draw than become a dentist make friends all the same.",
    ),
    DemoMovie(
        "Paddington 2", "Paddington 2", "en", date(2017, 11, 10), 103, "PG",
        ("Comedy", "Family"), MovieGroup.FAMILY,
        "Paddington is saving up for a pop-up book when a thief makes off with it, and the bear"
        " goes to prison in his stead. His family look for the man who did it.",
    ),
    DemoMovie(
        "Coco", "Coco", "en", date(2017, 11, 22), 105, "PG",
        ("Animation", "Family", "Music"), MovieGroup.FAMILY,
        "Miguel wants to be a musician in a family that has banned music. On the Day of the Dead"
        " he crosses over among his ancestors and learns why.",
        (THREE_D,),
    ),
    DemoMovie(
        "Inside Out 2", "Inside Out 2", "en", date(2024, 6, 14), 96, "U",
        ("Animation", "Comedy", "Family"), MovieGroup.FAMILY,
        "Riley turns thirteen and goes to hockey camp. In her head, Joy and the others have to"
        " make room for newcomers, and Anxiety takes the controls.",
        (THREE_D, IMAX),
    ),
    # --- Lately in every town -------------------------------------------------------------------
    DemoMovie(
        "Gravity", "Gravity", "en", date(2013, 10, 4), 91, "12A",
        ("Science fiction", "Thriller"), MovieGroup.CURRENT,
        "Debris destroys a space shuttle during a repair. Two astronauts drift above the Earth with"
        " little air and one faint chance of getting back.",
        (THREE_D, IMAX_3D),
    ),
    DemoMovie(
        "Mad Max: Fury Road", "Mad Max: Fury Road", "en", date(2015, 5, 14), 120, "15",
        ("Action", "Science fiction"), MovieGroup.CURRENT,
        "In a desert where water belongs to a tyrant, one of his drivers flees with the women he"
        " keeps. A drifter is caught up in the chase.",
        (THREE_D, IMAX),
    ),
    DemoMovie(
        "Avatar: The Way of Water", "Avatar: The Way of Water", "en", date(2022, 12, 16), 192,
        "12A",
        ("Action", "Adventure", "Science fiction"), MovieGroup.CURRENT,
        "Jake Sully and his family leave the forest to hide among the reef people of Pandora, and"
        " have to learn to live with the sea before their pursuers arrive.",
        (THREE_D, IMAX_3D),
    ),
    DemoMovie(
        "Spider-Man: Across the Spider-Verse", "Spider-Man: Across the Spider-Verse", "en",
        date(2023, 6, 2), 140, "PG", ("Animation", "Action", "Adventure"), MovieGroup.CURRENT,
        "Miles Morales meets a league of Spider-people from other worlds, who tell him which loss"
        " he must accept. He would rather not.",
        (IMAX,),
    ),
    DemoMovie(
        "Barbie", "Barbie", "en", date(2023, 7, 21), 114, "12A",
        ("Comedy", "Fantasy"), MovieGroup.CURRENT,
        "A doll whose days are all perfect begins to think of death. She travels to the real world"
        " for a remedy, and Ken comes home with ideas of his own.",
    ),
    DemoMovie(
        "Oppenheimer", "Oppenheimer", "en", date(2023, 7, 21), 180, "15",
        ("Biography", "Drama", "History"), MovieGroup.CURRENT,
        "A physicist leads the making of the atomic bomb. A decade later he is questioned about his"
        " loyalty, and asks himself about much else.",
        (IMAX,),
    ),
    DemoMovie(
        "Godzilla Minus One", "ゴジラ-1.0", "ja", date(2023, 11, 3), 125, "12A",
        ("Action", "Drama", "Science fiction"), MovieGroup.CURRENT,
        "A kamikaze pilot who came home alive makes a family out of strangers in ruined Tokyo. Then"
        " something rises out of the sea that he has met before.",
        (IMAX,),
    ),
    DemoMovie(
        "Dune: Part Two", "Dune: Part Two", "en", date(2024, 3, 1), 166, "12A",
        ("Adventure", "Drama", "Science fiction"), MovieGroup.CURRENT,
        "Paul Atreides lives among the people of the desert and fights beside them. The more of"
        " them believe in him, the more he fears where it will lead.",
        (IMAX,),
    ),
    # --- From all over the world ----------------------------------------------------------------
    DemoMovie(
        "Cinema Paradiso", "Nuovo Cinema Paradiso", "it", date(1988, 11, 17), 124, "PG",
        ("Drama", "Romance"), MovieGroup.WORLD,
        "A director remembers his childhood in a Sicilian village, the projection booth in which"
        " he spent it, and the projectionist who told him to go away and not come back.",
    ),
    DemoMovie(
        "Run Lola Run", "Lola rennt", "de", date(1998, 8, 20), 81, "15",
        ("Crime", "Thriller"), MovieGroup.WORLD,
        "Lola has twenty minutes to find a hundred thousand marks for her boyfriend. She runs"
        " through Berlin three times, and each time a small thing goes differently.",
    ),
    DemoMovie(
        "Crouching Tiger, Hidden Dragon", "臥虎藏龍", "zh", date(2000, 7, 7), 120, "12A",
        ("Action", "Drama", "Romance"), MovieGroup.WORLD,
        "A swordsman wants to give up his sword, and it is stolen. The trail leads to a governor's"
        " daughter who wants anything but the marriage arranged for her.",
    ),
    DemoMovie(
        "In the Mood for Love", "花樣年華", "yue", date(2000, 9, 29), 98, "PG",
        ("Drama", "Romance"), MovieGroup.WORLD,
        "Hong Kong, 1962. Two neighbours find out that her husband and his wife are having an"
        " affair, and grow close while trying not to be like them.",
    ),
    DemoMovie(
        "Amélie", "Le Fabuleux Destin d'Amélie Poulain", "fr", date(2001, 4, 25), 122, "15",
        ("Comedy", "Romance"), MovieGroup.WORLD,
        "A shy waitress in Montmartre finds a box of childhood treasures and returns it. After that"
        " she meddles in other people's happiness, and puts off her own.",
    ),
    DemoMovie(
        "Lagaan: Once Upon a Time in India", "लगान", "hi", date(2001, 6, 15), 224, "PG",
        ("Drama", "Musical", "Sport"), MovieGroup.WORLD,
        "1893: in a year of drought, a British captain offers a village three years without tax if"
        " it beats his officers at cricket. Nobody there has ever played.",
    ),
    DemoMovie(
        "Good Bye, Lenin!", "Good Bye, Lenin!", "de", date(2003, 2, 13), 121, "15",
        ("Comedy", "Drama"), MovieGroup.WORLD,
        "A mother in East Berlin sleeps through the fall of the Wall in a coma. As any shock could"
        " kill her, her son keeps the old country going in her bedroom.",
    ),
    DemoMovie(
        "Volver", "Volver", "es", date(2006, 3, 17), 121, "15",
        ("Comedy", "Drama"), MovieGroup.WORLD,
        "Raimunda has a body to hide and a restaurant that is not hers to run. Meanwhile her dead"
        " mother seems to have moved in with her sister.",
    ),
    DemoMovie(
        "The Lives of Others", "Das Leben der Anderen", "de", date(2006, 3, 23), 137, "15",
        ("Drama", "Thriller"), MovieGroup.WORLD,
        "East Berlin, 1984. An officer of the Stasi listens in on a playwright and his girlfriend,"
        " day after day, and begins to leave things out of his reports.",
    ),
    DemoMovie(
        "Pan's Labyrinth", "El laberinto del fauno", "es", date(2006, 10, 11), 118, "15",
        ("Drama", "Fantasy"), MovieGroup.WORLD,
        "Spain, 1944. A girl whose stepfather hunts the last rebels meets a faun, who sets her"
        " three tasks. It is not clear which of the two worlds is crueller.",
    ),
    DemoMovie(
        "A Separation", "جدایی نادر از سیمین", "fa", date(2011, 3, 16), 123, "PG",
        ("Drama",), MovieGroup.WORLD,
        "A couple in Tehran part over whether to leave the country. A quarrel with the woman hired"
        " to look after his father ends in court, where everybody is partly right.",
    ),
    DemoMovie(
        "Toni Erdmann", "Toni Erdmann", "de", date(2016, 7, 14), 162, "15",
        ("Comedy", "Drama"), MovieGroup.WORLD,
        "A music teacher visits his daughter, a consultant in Bucharest. When she has no time for"
        " him, he comes back with false teeth and another name.",
    ),
    DemoMovie(
        "Your Name.", "君の名は。", "ja", date(2016, 8, 26), 107, "12A",
        ("Animation", "Fantasy", "Romance"), MovieGroup.WORLD,
        "A girl in the mountains and a boy in Tokyo wake up in each other's lives now and then."
        " They leave notes, and then the notes stop.",
    ),
    DemoMovie(
        "Shoplifters", "万引き家族", "ja", date(2018, 6, 8), 121, "15",
        ("Crime", "Drama"), MovieGroup.WORLD,
        "A family in Tokyo gets by on odd jobs and theft, and takes in a little girl whom nobody"
        " seems to miss. How they belong together comes out late.",
    ),
    DemoMovie(
        "Roma", "Roma", "es", date(2018, 11, 21), 135, "15",
        ("Drama",), MovieGroup.WORLD,
        "A year in the life of Cleo, who keeps house for a family in Mexico City, while the"
        " marriage upstairs and the peace outside both come apart.",
    ),
    DemoMovie(
        "Parasite", "기생충", "ko", date(2019, 5, 30), 132, "15",
        ("Comedy", "Drama", "Thriller"), MovieGroup.WORLD,
        "One after the other, the Kims talk their way into jobs with a rich family who do not know"
        " that they are related. They are not the only ones with a secret.",
    ),
    DemoMovie(
        "Portrait of a Lady on Fire", "Portrait de la jeune fille en feu", "fr",
        date(2019, 9, 18), 122, "15", ("Drama", "Romance"), MovieGroup.WORLD,
        "A painter is to portray a bride on a Breton island without her noticing. She looks at her"
        " by day, paints by night, and finds that she is looked at too.",
    ),
    DemoMovie(
        "Drive My Car", "ドライブ・マイ・カー", "ja", date(2021, 8, 20), 179, "15",
        ("Drama",), MovieGroup.WORLD,
        "A widowed director stages Chekhov in Hiroshima and has to let a young woman drive him to"
        " rehearsals. On the way they tell each other what they have told nobody.",
    ),
    DemoMovie(
        "Decision to Leave", "헤어질 결심", "ko", date(2022, 6, 29), 139, "15",
        ("Crime", "Mystery", "Romance"), MovieGroup.WORLD,
        "A man has fallen from a mountain. The sleepless detective who watches the widow cannot say"
        " any more whether he suspects her or waits for her.",
    ),
    DemoMovie(
        "Anatomy of a Fall", "Anatomie d'une chute", "fr", date(2023, 8, 23), 152, "15",
        ("Crime", "Drama"), MovieGroup.WORLD,
        "A writer is on trial for the death of her husband below a window of their chalet. The one"
        " witness is their son, who hardly sees.",
    ),
    # --- The canon ------------------------------------------------------------------------------
    DemoMovie(
        "Metropolis", "Metropolis", "de", date(1927, 1, 10), 153, "PG",
        ("Drama", "Science fiction"), MovieGroup.CLASSIC,
        "Above, the sons of the city's masters play in gardens; below, workers serve the machines."
        " A preacher is to be replaced by a robot with her face.",
    ),
    DemoMovie(
        "Casablanca", "Casablanca", "en", date(1942, 11, 26), 102, "U",
        ("Drama", "Romance", "War"), MovieGroup.CLASSIC,
        "Everybody who flees Europe waits at Rick's. He sticks his neck out for nobody, until the"
        " woman who left him comes in, with a husband who needs two letters of transit.",
    ),
    DemoMovie(
        "The Third Man", "The Third Man", "en", date(1949, 9, 2), 104, "PG",
        ("Mystery", "Thriller"), MovieGroup.CLASSIC,
        "A writer of westerns comes to occupied Vienna at the invitation of a friend, and arrives"
        " in time for the funeral. No two witnesses agree on who carried the body.",
    ),
    DemoMovie(
        "Tokyo Story", "東京物語", "ja", date(1953, 11, 3), 136, "U",
        ("Drama",), MovieGroup.CLASSIC,
        "An elderly couple travel to Tokyo to see their children, who are busy. The one who finds"
        " time for them is the widow of a son lost in the war.",
    ),
    DemoMovie(
        "Seven Samurai", "七人の侍", "ja", date(1954, 4, 26), 207, "PG",
        ("Action", "Drama"), MovieGroup.CLASSIC,
        "Farmers who can pay only in rice look for samurai to defend them from bandits. Seven come,"
        " for reasons of their own, and teach a village to fight.",
    ),
    DemoMovie(
        "The Seventh Seal", "Det sjunde inseglet", "sv", date(1957, 2, 16), 96, "PG",
        ("Drama", "Fantasy"), MovieGroup.CLASSIC,
        "A knight returns from the crusades to a land with the plague, and plays chess with Death"
        " for time to do one thing that matters.",
    ),
    DemoMovie(
        "Vertigo", "Vertigo", "en", date(1958, 5, 9), 128, "PG",
        ("Mystery", "Romance", "Thriller"), MovieGroup.CLASSIC,
        "A detective who is afraid of heights is asked to follow a friend's wife, and falls in love"
        " with her. After her death he meets a woman who looks like her.",
    ),
    DemoMovie(
        "Lawrence of Arabia", "Lawrence of Arabia", "en", date(1962, 12, 10), 227, "PG",
        ("Adventure", "Biography", "War"), MovieGroup.CLASSIC,
        "A British officer is sent into the desert to see what the Arab revolt is worth, and leads"
        " it. What he finds out about himself frightens him more than the enemy does.",
        (SEVENTY_MM,),
    ),
    DemoMovie(
        "2001: A Space Odyssey", "2001: A Space Odyssey", "en", date(1968, 4, 3), 149, "U",
        ("Science fiction",), MovieGroup.CLASSIC,
        "A black slab turns up among apes, and again on the Moon. A ship follows its signal to"
        " Jupiter, with a computer on board that has never made a mistake.",
    ),
)  # fmt: skip

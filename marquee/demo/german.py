"""What the movies of the demo are called in German: the titles of their releases, synopses in our words."""

from collections.abc import Mapping

# Title and synopsis, by the movie's title in `movies`.
GERMAN: Mapping[str, tuple[str, str]] = {
    "The Wizard of Oz": (
        "Der Zauberer von Oz",
        (
            "Ein Wirbelsturm trägt ein Mädchen aus Kansas und ihren Hund in ein farbiges Land. Mit einer"
            " Vogelscheuche, einem Blechmann und einem Löwen sucht sie den Zauberer, der sie nach Hause"
            " bringen könnte."
        ),
    ),
    "My Neighbour Totoro": (
        "Mein Nachbar Totoro",
        (
            "Zwei Schwestern ziehen aufs Land, um ihrer Mutter im Krankenhaus nahe zu sein. Im Wald neben"
            " dem Haus wohnt ein großer, freundlicher Hüter."
        ),
    ),
    "Spirited Away": (
        "Chihiros Reise ins Zauberland",
        (
            "Die zehnjährige Chihiro gerät in ein Badehaus für Geister, wo man ihr den Namen nimmt. Sie"
            " muss für die Hexe arbeiten, der es gehört, bis sie ihre Eltern befreien kann."
        ),
    ),
    "Ernest & Celestine": (
        "Ernest & Célestine",
        (
            "Oben leben die Bären, unten die Mäuse, und keiner traut dem anderen. Ein hungriger Bär und"
            " eine Maus, die lieber zeichnet als Zähne zieht, werden trotzdem Freunde."
        ),
    ),
    "Paddington 2": (
        "Paddington 2",
        (
            "Paddington spart auf ein Aufklappbuch, als ein Dieb es stiehlt und der Bär für ihn ins"
            " Gefängnis kommt. Seine Familie sucht den wahren Täter."
        ),
    ),
    "Coco": (
        "Coco \N{EN DASH} Lebendiger als das Leben!",
        (
            "Miguel will Musiker werden, in einer Familie, die Musik verboten hat. Am Tag der Toten gerät"
            " er zu seinen Vorfahren und erfährt, warum."
        ),
    ),
    "Inside Out 2": (
        "Alles steht Kopf 2",
        (
            "Riley wird dreizehn und fährt ins Eishockeycamp. In ihrem Kopf müssen Freude und die anderen"
            " Platz für Neue machen, und Zweifel übernimmt das Pult."
        ),
    ),
    "Gravity": (
        "Gravity",
        (
            "Trümmer zerstören bei einer Reparatur ein Spaceshuttle. Zwei Astronauten treiben über der"
            " Erde, mit wenig Luft und einer winzigen Chance auf Rückkehr."
        ),
    ),
    "Mad Max: Fury Road": (
        "Mad Max: Fury Road",
        (
            "In einer Wüste, deren Wasser einem Tyrannen gehört, flieht eine seiner Fahrerinnen mit den"
            " Frauen, die er gefangen hält. Ein Einzelgänger gerät in die Jagd."
        ),
    ),
    "Avatar: The Way of Water": (
        "Avatar: The Way of Water",
        (
            "Jake Sully und seine Familie verlassen den Wald und verstecken sich beim Volk der Riffe von"
            " Pandora. Sie müssen lernen, mit dem Meer zu leben, bevor ihre Verfolger kommen."
        ),
    ),
    "Spider-Man: Across the Spider-Verse": (
        "Spider-Man: Across the Spider-Verse",
        (
            "Miles Morales trifft einen Bund von Spinnenmenschen aus anderen Welten. Sie sagen ihm,"
            " welchen Verlust er hinnehmen muss, und er will nicht."
        ),
    ),
    "Barbie": (
        "Barbie",
        (
            "Eine Puppe, deren Tage alle vollkommen sind, beginnt an den Tod zu denken. Sie reist in die"
            " wirkliche Welt, und Ken kommt mit eigenen Ideen zurück."
        ),
    ),
    "Oppenheimer": (
        "Oppenheimer",
        (
            "Ein Physiker leitet den Bau der Atombombe. Zehn Jahre später wird er nach seiner Treue"
            " befragt, und er selbst fragt sich nach vielem anderen."
        ),
    ),
    "Godzilla Minus One": (
        "Godzilla Minus One",
        (
            "Ein Kamikazeflieger, der lebend heimkam, gründet im zerstörten Tokio eine Familie aus"
            " Fremden. Dann steigt etwas aus dem Meer, dem er schon begegnet ist."
        ),
    ),
    "Dune: Part Two": (
        "Dune: Part Two",
        (
            "Paul Atreides lebt beim Volk der Wüste und kämpft an seiner Seite. Je mehr an ihn glauben,"
            " desto mehr fürchtet er, wohin das führt."
        ),
    ),
    "Cinema Paradiso": (
        "Cinema Paradiso",
        (
            "Ein Regisseur erinnert sich an seine Kindheit in einem sizilianischen Dorf, an den"
            " Vorführraum und an den Mann, der ihm riet, fortzugehen und nie zurückzukommen."
        ),
    ),
    "Run Lola Run": (
        "Lola rennt",
        (
            "Lola hat zwanzig Minuten, um hunderttausend Mark für ihren Freund aufzutreiben. Dreimal rennt"
            " sie durch Berlin, und jedes Mal ist eine Kleinigkeit anders."
        ),
    ),
    "Crouching Tiger, Hidden Dragon": (
        "Tiger and Dragon",
        (
            "Ein Schwertkämpfer will sein Schwert ablegen, da wird es gestohlen. Die Spur führt zur"
            " Tochter eines Gouverneurs, die alles will, nur nicht die arrangierte Ehe."
        ),
    ),
    "In the Mood for Love": (
        "In the Mood for Love",
        (
            "Hongkong, 1962. Zwei Nachbarn entdecken, dass ihr Mann und seine Frau ein Verhältnis haben,"
            " und kommen einander nahe, ohne so werden zu wollen wie die beiden."
        ),
    ),
    "Amélie": (
        "Die fabelhafte Welt der Amélie",
        (
            "Eine schüchterne Kellnerin vom Montmartre findet eine Schachtel mit Kinderschätzen und gibt"
            " sie zurück. Danach mischt sie sich in das Glück anderer ein und verschiebt das eigene."
        ),
    ),
    "Lagaan: Once Upon a Time in India": (
        "Lagaan \N{EN DASH} Es war einmal in Indien",
        (
            "1893, im Jahr der Dürre: Ein britischer Hauptmann erlässt einem Dorf drei Jahre die Steuer,"
            " wenn es seine Offiziere im Cricket schlägt. Dort hat noch nie jemand gespielt."
        ),
    ),
    "Good Bye, Lenin!": (
        "Good Bye, Lenin!",
        (
            "Eine Mutter in Ost-Berlin liegt im Koma, während die Mauer fällt. Weil jeder Schreck sie"
            " töten könnte, lässt ihr Sohn das alte Land in ihrem Zimmer weiterleben."
        ),
    ),
    "Volver": (
        "Volver \N{EN DASH} Zurückkehren",
        (
            "Raimunda muss eine Leiche verstecken und führt ein Lokal, das ihr nicht gehört. Derweil"
            " scheint ihre tote Mutter bei ihrer Schwester eingezogen zu sein."
        ),
    ),
    "The Lives of Others": (
        "Das Leben der Anderen",
        (
            "Ost-Berlin, 1984. Ein Offizier der Stasi hört Tag für Tag einen Dramatiker und dessen"
            " Freundin ab, und beginnt, in seinen Berichten manches wegzulassen."
        ),
    ),
    "Pan's Labyrinth": (
        "Pans Labyrinth",
        (
            "Spanien, 1944. Ein Mädchen, dessen Stiefvater die letzten Rebellen jagt, begegnet einem Faun,"
            " der ihr drei Aufgaben stellt. Welche der beiden Welten grausamer ist, bleibt offen."
        ),
    ),
    "A Separation": (
        "Nader und Simin \N{EN DASH} Eine Trennung",
        (
            "Ein Paar in Teheran trennt sich über der Frage, ob es das Land verlassen soll. Ein Streit mit"
            " der Pflegerin seines Vaters endet vor Gericht, wo alle ein wenig recht haben."
        ),
    ),
    "Toni Erdmann": (
        "Toni Erdmann",
        (
            "Ein Musiklehrer besucht seine Tochter, eine Beraterin in Bukarest. Als sie keine Zeit für ihn"
            " hat, kommt er mit falschen Zähnen und einem anderen Namen wieder."
        ),
    ),
    "Your Name.": (
        "Your Name. \N{EN DASH} Gestern, heute und für immer",
        (
            "Ein Mädchen in den Bergen und ein Junge in Tokio wachen ab und zu im Leben des anderen auf."
            " Sie hinterlassen Notizen, und dann bleiben die Notizen aus."
        ),
    ),
    "Shoplifters": (
        "Shoplifters \N{EN DASH} Familienbande",
        (
            "Eine Familie in Tokio lebt von Gelegenheitsarbeit und Diebstahl und nimmt ein kleines Mädchen"
            " auf, das niemand zu vermissen scheint. Wie sie zusammengehören, zeigt sich spät."
        ),
    ),
    "Roma": (
        "Roma",
        (
            "Ein Jahr im Leben von Cleo, die einer Familie in Mexiko-Stadt den Haushalt führt, während die"
            " Ehe im Haus und der Frieden vor der Tür zerbrechen."
        ),
    ),
    "Parasite": (
        "Parasite",
        (
            "Einer nach dem anderen reden sich die Kims in die Dienste einer reichen Familie, die nicht"
            " weiß, dass sie verwandt sind. Ein Geheimnis haben nicht nur sie."
        ),
    ),
    "Portrait of a Lady on Fire": (
        "Porträt einer jungen Frau in Flammen",
        (
            "Eine Malerin soll auf einer bretonischen Insel eine Braut porträtieren, ohne dass diese es"
            " merkt. Sie schaut bei Tag, malt bei Nacht, und wird selbst betrachtet."
        ),
    ),
    "Drive My Car": (
        "Drive My Car",
        (
            "Ein verwitweter Regisseur inszeniert Tschechow in Hiroshima und muss sich von einer jungen"
            " Frau zu den Proben fahren lassen. Unterwegs sagen sie einander, was sonst niemand weiß."
        ),
    ),
    "Decision to Leave": (
        "Die Frau im Nebel",
        (
            "Ein Mann ist von einem Berg gestürzt. Der schlaflose Kommissar, der die Witwe beobachtet,"
            " weiß nicht mehr, ob er sie verdächtigt oder auf sie wartet."
        ),
    ),
    "Anatomy of a Fall": (
        "Anatomie eines Falls",
        (
            "Eine Schriftstellerin steht vor Gericht, weil ihr Mann tot unter einem Fenster ihres Chalets"
            " lag. Der einzige Zeuge ist ihr Sohn, der kaum sieht."
        ),
    ),
    "Metropolis": (
        "Metropolis",
        (
            "Oben spielen die Söhne der Herren in Gärten, unten dienen Arbeiter den Maschinen. Eine"
            " Predigerin soll durch einen Roboter mit ihrem Gesicht ersetzt werden."
        ),
    ),
    "Casablanca": (
        "Casablanca",
        (
            "Wer aus Europa flieht, wartet in Rick's Café. Rick hält für niemanden den Kopf hin, bis die"
            " Frau hereinkommt, die ihn verließ, mit einem Mann, der zwei Transitvisa braucht."
        ),
    ),
    "The Third Man": (
        "Der dritte Mann",
        (
            "Ein Autor von Wildwestromanen kommt auf Einladung eines Freundes ins besetzte Wien und gerade"
            " recht zu dessen Begräbnis. Wer den Toten trug, erzählt jeder Zeuge anders."
        ),
    ),
    "Tokyo Story": (
        "Die Reise nach Tokyo",
        (
            "Ein altes Ehepaar reist nach Tokio zu den Kindern, die keine Zeit haben. Zeit nimmt sich die"
            " Witwe eines Sohnes, der im Krieg blieb."
        ),
    ),
    "Seven Samurai": (
        "Die sieben Samurai",
        (
            "Bauern, die nur mit Reis zahlen können, suchen Samurai gegen eine Räuberbande. Sieben kommen,"
            " jeder aus eigenem Grund, und lehren ein Dorf zu kämpfen."
        ),
    ),
    "The Seventh Seal": (
        "Das siebente Siegel",
        (
            "Ein Ritter kehrt von den Kreuzzügen in ein Land mit der Pest zurück. Er spielt mit dem Tod"
            " Schach, um Zeit für eine Tat zu gewinnen, die zählt."
        ),
    ),
    "Vertigo": (
        "Vertigo \N{EN DASH} Aus dem Reich der Toten",
        (
            "Ein Detektiv mit Höhenangst soll die Frau eines Freundes beschatten und verliebt sich in sie."
            " Nach ihrem Tod begegnet er einer, die ihr gleicht."
        ),
    ),
    "Lawrence of Arabia": (
        "Lawrence von Arabien",
        (
            "Ein britischer Offizier soll in der Wüste prüfen, was der arabische Aufstand taugt, und führt"
            " ihn an. Was er über sich selbst erfährt, erschreckt ihn mehr als der Feind."
        ),
    ),
    "2001: A Space Odyssey": (
        "2001: Odyssee im Weltraum",
        (
            "Eine schwarze Platte taucht bei den Affen auf, und später auf dem Mond. Ein Schiff folgt ihrem"
            " Signal zum Jupiter, mit einem Computer, der sich noch nie geirrt hat."
        ),
    ),
}

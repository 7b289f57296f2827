"""Invented names for the demo's patients. Anyone real is a coincidence."""

SHE = """Abigail Adele Alma Amelia Anita Asha Beatrix Bronwyn Carmen Celeste Daphne
    Dilnoza Edith Elena Esther Fiona Freya Gemma Greta Harriet Hye-jin Imogen Iris
    Jasmin Joyce Kalinda Kirsten Leonie Lorna Mabel Maren Meera Miriam Nadine Noor
    Olga Paloma Petra Philippa Rhoda Rosamund Ruth Sabine Samira Solange Tamsin
    Thuy Ursula Verity Wanda Xenia Yasmin Zofia"""
HE = """Adrian Alistair Anselm Bashir Cedric Conrad Desmond Edmund Emeka Faisal
    Gareth Henrik Ivor Jerome Kenji Lionel Malcolm Nikhil Owen Piotr Rafael Rupert
    Silas Tariq Vernon Winston"""
ELLE = """Adélaïde Bérénice Capucine Clothilde Delphine Édith Élodie Florence Geneviève
    Héloïse Isabelle Jocelyne Léonie Maëlle Marguerite Mireille Noémie Odette
    Pascale Renée Sandrine Solène Thérèse Véronique Zoé"""
LUI = """Antoine Baptiste Cyrille Étienne Fabrice Gaétan Hervé Jérôme Loïc Mathieu
    Normand Rémi Sylvain Yannick"""

SURNAMES = """Abernathy Adeyemi Ashdown Bannerman Barlow Beckwith Birchall Bhandari Caldwell
    Castellanos Chaudhry Cheung Coverdale Dalgleish Danso Delacroix Dunmore Eastwick
    Ekström Fairburn Fenwick Ferreira Fitzroy Ganesan Garrick Gillespie Haldane
    Halvorsen Harcourt Hathersage Ibekwe Ivanova Jankowski Jephson Kavanagh Khoury
    Kinsella Kovač Langstaff Laverty Lindqvist Lockhart Machado Mackworth Mbeki
    Merriweather Moravec Nakashima Nettleton Nwosu Oduya Orlov Pemberton Petrosyan
    Pickersgill Quigley Radcliffe Rahimi Rosewall Sandoval Seybold Sinclair Stavros
    Tennant Thackeray Tolentino Ueda Underhill Varga Vasquez Wainwright Weatherby
    Whitaker Wójcik Yarrow Zielinski"""
NOMS = """Arsenault Beauchemin Bellefeuille Bissonnette Boisvert Charbonneau Chevrier
    Cormier Desjardins Duquette Fournel Gaudreault Hébert Jolicœur Labrecque Laframboise
    Lalonde Lamoureux Larivière Lévesque Marchand Ménard Paquette Pelletier Quesnel
    Robichaud Saint-Amour Thériault Vaillancourt"""

# In the diary by name, so that a tour of the demo meets the same people.
ASKERS = (
    ("Hannah", "Desrochers", "she/her", "en"),
    ("Tobias", "Lindqvist", "he/him", "en"),
    ("Marguerite", "Oyelaran", "she/her", "en"),
    ("Cilla", "Yeung", "she/her", "en"),
    ("Noémie", "Charlebois", "she/her", "fr"),
    ("Simon", "Achterberg", "he/him", "en"),
    ("Priya", "Nambiar", "she/her", "en"),
)
"""Who asked for a consultation on the site; the first two have an answer."""
STILL_ASKING = 5

REGULARS = (
    ("Gordon", "Abelard", "he/him", "en"),
    ("Priscilla", "Yeung", "she/her", "en"),
    ("Teodora", "Blain", "she/her", "fr"),
    ("Wesley", "Ouellette", "he/him", "en"),
    ("Ingrid", "Solheim", "she/her", "en"),
    ("Paul-Émile", "Gagné", "he/him", "fr"),
    ("Rosalind", "Achebe", "she/her", "en"),
    ("Dominic", "Faraday", "he/him", "en"),
    ("Oscar", "Villeneuve", "he/him", "fr"),
    ("Leila", "Farrow", "she/her", "en"),
    ("Marcus", "Tanguay", "he/him", "en"),
    ("Dana", "Whitcombe", "they/them", "en"),
    ("Sylvie", "Arcand", "she/her", "fr"),
    ("Colin", "Asante", "he/him", "en"),
    ("Fatima", "Zerrouk", "she/her", "fr"),
    ("Hélène", "Dubuc", "she/her", "fr"),
    ("Bea", "Kowalchuk", "she/her", "en"),
    ("Yuki", "Hartmann", "she/her", "en"),
    ("Nadia", "Lemoyne", "she/her", "fr"),
    ("Tomasz", "Grenier", "he/him", "en"),
    ("Sunil", "Mehrotra", "he/him", "en"),
    ("Agnes", "Poirier", "she/her", "en"),
    ("Amira", "Nasser", "she/her", "en"),
)

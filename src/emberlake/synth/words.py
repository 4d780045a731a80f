"""The shop's vocabulary: what a code in a column stands for."""

from __future__ import annotations

SEGMENTS = ("bargain", "regular", "premium")
CATEGORIES = ("Electronics", "Fashion", "Home", "Beauty", "Sports", "Toys", "Books", "Grocery")
COUNTRIES = ("DE", "FR", "IT", "ES", "NL", "PL", "GB", "US")
GENDERS = ("f", "m", "x")
LOYALTY = ("none", "silver", "gold")
SIGN_UP_CHANNELS = ("search", "social", "mail", "friend", "ad")
ORDER_CHANNELS = ("web", "app", "store")
STATUSES = ("paid", "shipped", "delivered", "cancelled", "returned")
METHODS = ("card", "paypal", "invoice", "transfer")
PAYMENT_STATUSES = ("captured", "failed", "refunded")
REASONS = ("size", "damaged", "late", "other", "unwanted")
MOVEMENTS = ("receipt", "adjustment", "write_off")
WAREHOUSES = ("Leipzig", "Lille", "Rotterdam")
EVENTS = ("session_start", "page_view", "search", "add_to_cart", "checkout", "purchase")
DEVICES = ("mobile", "desktop", "tablet")
VARIANTS = ("control", "treatment")
CURRENCIES = ("EUR",)
COUPONS = ("WELCOME5", "SAVE10", "EXTRA15", "VIP20")
COUPON_PERCENT = (5, 10, 15, 20)
ODD_KINDS = ("amount", "velocity", "address")
CHURN_REASONS = ("came by an ad", "bargain hunter", "nothing in particular")

CITIES = {
    "DE": ("Berlin", "Hamburg", "München", "Köln", "Leipzig", "Dresden"),
    "FR": ("Paris", "Lyon", "Marseille", "Lille", "Nantes", "Toulouse"),
    "IT": ("Roma", "Milano", "Napoli", "Torino", "Bologna", "Genova"),
    "ES": ("Madrid", "Barcelona", "València", "Sevilla", "Zaragoza", "Málaga"),
    "NL": ("Amsterdam", "Rotterdam", "Utrecht", "Eindhoven", "Groningen", "Den Haag"),
    "PL": ("Warszawa", "Kraków", "Łódź", "Wrocław", "Poznań", "Gdańsk"),
    "GB": ("London", "Manchester", "Leeds", "Bristol", "Glasgow", "Cardiff"),
    "US": ("New York", "Chicago", "Houston", "Seattle", "Boston", "Denver"),
}
CITIES_A_COUNTRY = 6
CITY_NAMES = tuple(city for country in COUNTRIES for city in CITIES[country])
POSTCODES_A_CITY = 40
STREETS = (
    "Main Street", "Station Road", "Mill Lane", "Church Street", "Park Avenue", "High Street", "Garden Way",
    "Forest Road", "River Walk", "Market Square", "Hill Road", "Meadow Lane", "Bridge Street", "Castle Street",
    "School Lane", "Harbour Road", "Orchard Close", "Victoria Road", "North Street", "Lime Avenue",
)  # fmt: skip
HOUSE_NUMBERS = 120

GIVEN = (
    "Anna", "Marie", "Sofia", "Emma", "Lena", "Clara", "Julia", "Laura", "Chiara", "Elena", "Sara", "Ines",
    "Zofia", "Hanna", "Eva", "Nora", "Alice", "Olivia", "Grace", "Ruth", "Paula", "Carmen", "Lotte", "Mila",
    "Jan", "Paul", "Lukas", "Jonas", "Felix", "Marco", "Luca", "Matteo", "Pablo", "Diego", "Hugo", "Louis",
    "Jules", "Piotr", "Adam", "Tomasz", "Daan", "Sem", "Oliver", "Harry", "James", "Noah", "Samuel", "David",
)  # fmt: skip
FAMILY = (
    "Schmidt", "Weber", "Fischer", "Wagner", "Becker", "Hoffmann", "Martin", "Bernard", "Dubois", "Moreau",
    "Laurent", "Garnier", "Rossi", "Russo", "Ferrari", "Romano", "Colombo", "Conti", "Garcia", "Lopez", "Sanchez",
    "Romero", "Torres", "Navarro", "Jansen", "Visser", "Bakker", "Smit", "Mulder", "Vos", "Nowak", "Kowalski",
    "Wojcik", "Kaminski", "Zielinski", "Wozniak", "Smith", "Taylor", "Brown", "Wilson", "Evans", "Walker",
    "Johnson", "Miller", "Davis", "Moore", "Clark", "Young",
)  # fmt: skip
MAIL_HOSTS = ("example.com", "example.org", "example.net")

NOUNS = {
    "Electronics": ("Headphones", "Speaker", "Keyboard", "Monitor", "Tablet", "Charger", "Camera", "Router"),
    "Fashion": ("Jacket", "Sneakers", "Jeans", "Scarf", "Dress", "Shirt", "Boots", "Backpack"),
    "Home": ("Lamp", "Pan", "Pillow", "Shelf", "Blanket", "Vase", "Kettle", "Mirror"),
    "Beauty": ("Shampoo", "Serum", "Perfume", "Soap", "Lipstick", "Cream", "Razor", "Brush"),
    "Sports": ("Yoga mat", "Dumbbell", "Tent", "Bottle", "Racket", "Helmet", "Rope", "Ball"),
    "Toys": ("Puzzle", "Train", "Doll", "Blocks", "Kite", "Robot", "Card game", "Bear"),
    "Books": ("Novel", "Atlas", "Cookbook", "Thriller", "Biography", "Guide", "Comic", "Poems"),
    "Grocery": ("Coffee", "Tea", "Pasta", "Olive oil", "Chocolate", "Honey", "Rice", "Muesli"),
}
ADJECTIVES = ("Classic", "Nordic", "Bright", "Quiet", "Urban", "Alpine", "Pure", "Swift", "Golden", "Little")
SUPPLIERS = ("Aldera", "Brightwater", "Corvia", "Dunmore", "Eastgate", "Fennholt", "Gravenor", "Hartwell")
QUERIES = tuple(noun.lower() for category in CATEGORIES for noun in NOUNS[category])
QUERIES_A_CATEGORY = 8

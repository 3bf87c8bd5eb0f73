"""Which capital is near? `capital_cities.py PORT` asks a server and prints `verdict: passed` if it found what a search through the whole list finds.

    capital_cities.py PORT                              some searches, checked
    capital_cities.py PORT LONGITUDE LATITUDE           the five capitals next to a point, from near to far

The list is made of facts: the capitals of 192 countries, with the longitude and latitude of their centres to a hundredth of a degree
(a kilometre or so). It was written for this program, and everybody may do with it what they like.
"""

import math
import random
import sys

import redis

PORT = int(sys.argv[1])
KEY = "capitals"
EARTH_RADIUS_KM = 6372.797560856
# The server knows places to half a metre, so what lies so near to a border may be found or not.
DOUBT_KM = 0.01
SEARCHES = 200

# City, longitude (east is positive), latitude (north is positive).
CAPITALS = """
Abu Dhabi 54.37 24.45; Abuja 7.49 9.06; Accra -0.19 5.56; Addis Ababa 38.75 9.03; Algiers 3.06 36.75; Amman 35.93 31.95;
Amsterdam 4.90 52.37; Andorra la Vella 1.52 42.51; Ankara 32.85 39.93; Antananarivo 47.52 -18.91; Apia -171.77 -13.83;
Ashgabat 58.38 37.95; Asmara 38.93 15.33; Astana 71.43 51.13; Asuncion -57.63 -25.28; Athens 23.73 37.98; Baghdad 44.37 33.32;
Baku 49.87 40.41; Bamako -8.00 12.64; Bandar Seri Begawan 114.94 4.89; Bangkok 100.50 13.76; Bangui 18.56 4.39; Banjul -16.58 13.45;
Basseterre -62.73 17.30; Beijing 116.40 39.90; Beirut 35.50 33.89; Belgrade 20.46 44.82; Belmopan -88.77 17.25; Berlin 13.40 52.52;
Bern 7.45 46.95; Bishkek 74.59 42.87; Bissau -15.60 11.86; Bogota -74.07 4.71; Brasilia -47.88 -15.79; Bratislava 17.11 48.15;
Brazzaville 15.28 -4.26; Bridgetown -59.62 13.10; Brussels 4.35 50.85; Bucharest 26.10 44.43; Budapest 19.04 47.50;
Buenos Aires -58.38 -34.60; Cairo 31.24 30.04; Canberra 149.13 -35.28; Caracas -66.90 10.48; Castries -60.99 14.01;
Chisinau 28.86 47.01; Colombo 79.86 6.93; Conakry -13.68 9.54; Copenhagen 12.57 55.68; Dakar -17.44 14.69; Damascus 36.29 33.51;
Dhaka 90.41 23.81; Dili 125.57 -8.56; Djibouti 43.15 11.59; Dodoma 35.74 -6.17; Doha 51.53 25.29; Dublin -6.26 53.35;
Dushanbe 68.77 38.56; Freetown -13.23 8.48; Funafuti 179.20 -8.52; Gaborone 25.91 -24.65; Georgetown -58.16 6.80; Gitega 29.93 -3.43;
Guatemala City -90.51 14.63; Hanoi 105.85 21.03; Harare 31.05 -17.83; Havana -82.37 23.11; Helsinki 24.94 60.17; Honiara 159.95 -9.43;
Islamabad 73.05 33.68; Jakarta 106.85 -6.21; Juba 31.58 4.85; Kabul 69.17 34.53; Kampala 32.58 0.35; Kathmandu 85.32 27.72;
Khartoum 32.53 15.50; Kigali 30.06 -1.94; Kingston -76.79 17.97; Kingstown -61.22 13.16; Kinshasa 15.27 -4.33;
Kuala Lumpur 101.69 3.14; Kuwait City 47.98 29.38; Kyiv 30.52 50.45; La Paz -68.13 -16.50; Libreville 9.45 0.39; Lilongwe 33.79 -13.96;
Lima -77.04 -12.05; Lisbon -9.14 38.72; Ljubljana 14.51 46.06; Lome 1.22 6.13; London -0.13 51.51; Luanda 13.23 -8.84;
Lusaka 28.28 -15.42; Luxembourg 6.13 49.61; Madrid -3.70 40.42; Majuro 171.38 7.09; Malabo 8.78 3.75; Male 73.51 4.18;
Managua -86.27 12.14; Manama 50.58 26.23; Manila 120.98 14.60; Maputo 32.57 -25.97; Maseru 27.48 -29.31; Mbabane 31.13 -26.32;
Mexico City -99.13 19.43; Minsk 27.56 53.90; Mogadishu 45.32 2.05; Monaco 7.42 43.74; Monrovia -10.80 6.30; Montevideo -56.19 -34.90;
Moroni 43.25 -11.70; Moscow 37.62 55.76; Muscat 58.41 23.59; N'Djamena 15.04 12.13; Nairobi 36.82 -1.29; Nassau -77.34 25.06;
Naypyidaw 96.12 19.75; New Delhi 77.21 28.61; Ngerulmud 134.62 7.50; Niamey 2.11 13.51; Nicosia 33.36 35.17; Nouakchott -15.98 18.09;
Nuku'alofa -175.20 -21.13; Oslo 10.75 59.91; Ottawa -75.70 45.42; Ouagadougou -1.52 12.37; Palikir 158.16 6.92; Panama City -79.52 8.98;
Paramaribo -55.17 5.85; Paris 2.35 48.86; Phnom Penh 104.92 11.56; Podgorica 19.26 42.44; Port Louis 57.50 -20.16;
Port Moresby 147.18 -9.44; Port Vila 168.32 -17.73; Port-au-Prince -72.34 18.54; Port of Spain -61.52 10.65; Porto-Novo 2.62 6.50;
Prague 14.44 50.08; Praia -23.51 14.93; Pretoria 28.19 -25.75; Pyongyang 125.76 39.04; Quito -78.47 -0.18; Rabat -6.84 34.02;
Reykjavik -21.94 64.15; Riga 24.11 56.95; Riyadh 46.68 24.71; Rome 12.50 41.90; Roseau -61.39 15.30; Saint George's -61.75 12.06;
Saint John's -61.85 17.12; San Jose -84.09 9.93; San Marino 12.45 43.94; San Salvador -89.22 13.69; Sanaa 44.21 15.37;
Santiago -70.67 -33.45; Santo Domingo -69.93 18.49; Sao Tome 6.73 0.34; Sarajevo 18.41 43.86; Seoul 126.98 37.57; Singapore 103.82 1.35;
Skopje 21.43 42.00; Sofia 23.32 42.70; South Tarawa 172.98 1.33; Stockholm 18.07 59.33; Suva 178.44 -18.14; Tallinn 24.75 59.44;
Tashkent 69.24 41.30; Tbilisi 44.79 41.72; Tegucigalpa -87.21 14.07; Tehran 51.39 35.69; Thimphu 89.64 27.47; Tirana 19.82 41.33;
Tokyo 139.69 35.69; Tripoli 13.19 32.89; Tunis 10.18 36.81; Ulaanbaatar 106.92 47.89; Vaduz 9.52 47.14; Valletta 14.51 35.90;
Victoria 55.45 -4.62; Vienna 16.37 48.21; Vientiane 102.63 17.98; Vilnius 25.28 54.69; Warsaw 21.01 52.23; Washington -77.04 38.91;
Wellington 174.78 -41.29; Windhoek 17.08 -22.56; Yamoussoukro -5.28 6.82; Yaounde 11.52 3.87; Yaren 166.92 -0.55; Yerevan 44.51 40.18;
Zagreb 15.98 45.81
"""


def capitals():
    for line in CAPITALS.split(";"):
        city, longitude, latitude = line.strip().rsplit(" ", 2)
        yield city, (float(longitude), float(latitude))


PLACES = dict(capitals())


def connect(protocol):
    return redis.Redis(host="127.0.0.1", port=PORT, protocol=protocol, decode_responses=True, socket_timeout=20)


def store(client):
    """All capitals under one key, in one request."""
    client.delete(KEY)
    words = [word for city, (longitude, latitude) in PLACES.items() for word in (longitude, latitude, city)]
    return client.geoadd(KEY, words)


def nearest(client, longitude, latitude, count):
    """The `count` capitals next to a point: (city, kilometres, (longitude, latitude)), the nearest first."""
    return client.geosearch(
        KEY, longitude=longitude, latitude=latitude, radius=21_000, unit="km", sort="ASC", count=count, withdist=True, withcoord=True
    )


def distance_km(one, other):
    """The same by hand (haversine formula): what the server says is compared with this."""
    (west, south), (east, north) = (map(math.radians, place) for place in (one, other))
    half = math.sin((north - south) / 2) ** 2 + math.cos(south) * math.cos(north) * math.sin((east - west) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(half))


def by_distance(point):
    return sorted((distance_km(point, place), city) for city, place in PLACES.items())


def equal(got, wanted):
    assert got == wanted, f"got {got!r:.300}, wanted {wanted!r:.300}"


def near(got, wanted, doubt):
    assert abs(got - wanted) <= doubt, f"got {got}, wanted {wanted}"


def places(client):
    equal(store(client), len(PLACES))
    equal(client.zcard(KEY), len(PLACES))
    for (longitude, latitude), wanted in zip(client.geopos(KEY, *PLACES), PLACES.values()):
        near(longitude, wanted[0], 1e-5)
        near(latitude, wanted[1], 1e-5)
    equal(client.geopos(KEY, "Atlantis"), [None])
    equal(client.geohash(KEY, "Vienna", "Quito")[0][:6], "u2edk8")
    equal(client.geodist(KEY, "Vienna", "Atlantis"), None)
    for one, other in zip(PLACES, reversed(PLACES)):
        near(client.geodist(KEY, one, other, "km"), distance_km(PLACES[one], PLACES[other]), DOUBT_KM)


def neighbours(client):
    equal([city for city, *_ in nearest(client, 16.37, 48.21, 3)], ["Vienna", "Bratislava", "Budapest"])
    equal(client.geosearch(KEY, member="Brazzaville", radius=10, unit="km", sort="ASC"), ["Brazzaville", "Kinshasa"])
    # Across the line where the date changes.
    equal(set(client.geosearch(KEY, member="Suva", radius=1250, unit="km")), {"Suva", "Apia", "Nuku'alofa", "Port Vila", "Funafuti"})
    for point in random_points():
        for (city, kilometres, _), (wanted_km, wanted) in zip(nearest(client, *point, 5), by_distance(point)):
            near(kilometres, wanted_km, DOUBT_KM)
            equal(city, wanted)


def circles(client):
    for point in random_points():
        radius_km = random.choice((50, 300, 1000, 3000))
        found = client.geosearch(KEY, longitude=point[0], latitude=point[1], radius=radius_km, unit="km")
        inside = {city for kilometres, city in by_distance(point) if kilometres <= radius_km}
        doubtful = {city for kilometres, city in by_distance(point) if abs(kilometres - radius_km) <= DOUBT_KM}
        equal(len(found), len(set(found)))
        equal(set(found) - doubtful, inside - doubtful)


def stored(client):
    """What is found may be kept: as places, or as a ranking by distance."""
    equal(client.geosearchstore("near:Paris", KEY, member="Paris", radius=500, unit="km", storedist=True), 6)
    ranking = [city for city, _ in client.zrange("near:Paris", 0, -1, withscores=True)]
    equal(ranking, ["Paris", "Brussels", "Luxembourg", "London", "Amsterdam", "Bern"])
    equal(client.geosearchstore("alps", KEY, longitude=10, latitude=46.5, width=1000, height=200, unit="km"), 4)
    equal(set(client.zrange("alps", 0, -1)), {"Bern", "Vaduz", "Ljubljana", "Zagreb"})
    equal(client.delete("near:Paris", "alps"), 2)


def random_points():
    """Not too near to the poles, where the server has no places."""
    return [(round(random.uniform(-180, 180), 4), round(random.uniform(-70, 80), 4)) for _ in range(SEARCHES)]


def show(client, longitude, latitude):
    store(client)
    for city, kilometres, (east, north) in nearest(client, longitude, latitude, 5):
        print(f"{kilometres:9.1f} km  {city} ({east:.2f}, {north:.2f})")


if len(sys.argv) > 2:
    show(connect(3), float(sys.argv[2]), float(sys.argv[3]))
else:
    random.seed(7)
    for protocol in (2, 3):
        for check in (places, neighbours, circles, stored):
            check(connect(protocol))
    print("verdict: passed")

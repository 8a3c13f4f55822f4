"""Sentences that people could have written, for measuring: recombined by a seed, some words far commoner."""

from __future__ import annotations

from random import Random

SUBJECTS = """les transports scolaires;la vie associative;le budget participatif;les conseils de quartier;la santé
le logement;les lycées;la démocratie permanente;les élus;les habitants;la culture;les pistes cyclables
le train régional;les jeunes;les personnes âgées;la formation professionnelle;l’eau;les déchets;l’énergie
les commerces de proximité;le canal;les espaces verts;la qualité de l’air;l’accueil des nouveaux arrivants
les cantines;le service public;la mairie;les enquêtes publiques;les réunions publiques;l’information locale
les agriculteurs;la forêt;le littoral;les friches;le numérique;les médiathèques;le sport;les bénévoles
l’égalité;le handicap;les parents;les enseignants;le port;les marchés;les apprentis;l’intercommunalité
le patrimoine minier;les villages;la sécurité routière;les crèches;le conseil des jeunes
la coopération transfrontalière;l’hôpital;les artisans;la biodiversité;les wateringues"""
VERBS = """associer;écouter;soutenir;développer;protéger;financer;évaluer;ouvrir;expliquer;simplifier;rénover;partager
consulter;former;informer;inventer;préparer;décider avec;repenser;rapprocher;accompagner;encourager;relier
entretenir;préserver;moderniser;coordonner;simuler;cartographier;pérenniser"""
OPENINGS = """Il faut;On pourrait;Je propose de;Nous demandons de;Il serait utile de;La Région doit
Les communes devraient;Pourquoi ne pas;Il est temps de;Nous avons besoin de;À mon avis, il faut
Dans notre association, nous voulons"""
ENDINGS = """avant la fin de l’année;avec les personnes concernées;dans chaque canton;sans attendre
pour que chacun participe;avec un compte rendu public;comme cela se fait ailleurs;dès le premier atelier
en tenant compte des horaires de travail;avec des moyens suffisants;même dans les petites communes
avec un tirage au sort;et rendre compte de ce qui a été décidé;avec les lycéens et les apprentis
au moins deux fois par an;sur la place du marché;par un vote;le samedi matin;avec une garantie d’accessibilité
en langue des signes aussi"""
REMARKS = """Les décisions sont prises trop loin de nous.;On nous consulte, puis plus rien.
Merci d’avoir organisé cette réunion.;Je suis prêt à donner de mon temps.
Les horaires ne conviennent pas à ceux qui travaillent.;Le dernier bus part à 19 h.
Ma fille est au lycée et ne connaît pas ses élus.;C’était mieux expliqué la dernière fois.
Le compte rendu n’est jamais venu.;Chez nous, l’école a fermé il y a deux ans.
Ce n’est pas une question d’argent mais de volonté.;Tout le monde y gagnerait.;Il reste à savoir qui paiera.
L’exemple de la commune voisine est encourageant.;Nous l’avons déjà écrit en 2009.
Il y a là une œuvre commune à bâtir.;Les élues et les élus doivent l’entendre.
Cela demande du courage politique."""
STARTS = """Ar Ber Blan Bou Cam Cas Cro Dou Ec Er Fa Flo Gra Ha Hon Ka Lam Les Lin Mar Mé Mo Nor Os Pé Qué Ro
Sten Tour Wat Wi Zer"""
MIDDLES = """be bre ca chel de dri ghe gni ke la len li mai mel mi ne quer re ri se sin ta the ti van ve ver vi
voor wa"""
ENDS = """becque berg bourg brouck camp court crique ghem hem horst ies ières in lers loo mont nœud oise on
quin ry selle tre val vaux ville voorde y zeele"""


def _list(text: str) -> list[str]:
    return [item.strip() for line in text.splitlines() for item in line.split(";")]


def _pick(random: Random, items: list[str]) -> str:
    """The first ones far more often than the last (Zipf)."""
    return random.choices(items, [1 / (rank + 1) for rank in range(len(items))])[0]


def syllables() -> tuple[list[str], list[str], list[str]]:
    """Three lists that make some 30,000 names of places, most of them rare."""
    return STARTS.split(), MIDDLES.split(), ENDS.split()


def titles(random: Random, count: int) -> list[str]:
    verbs, subjects = _list(VERBS), _list(SUBJECTS)
    return [f"{_pick(random, verbs).capitalize()} {_pick(random, subjects)}" for _ in range(count)]


def sentences(random: Random, count: int) -> list[str]:
    return [_sentence(random) for _ in range(count)]


def _sentence(random: Random) -> str:
    if random.random() < 0.3:
        return _pick(random, _list(REMARKS))
    opening, verb, subject = (_pick(random, _list(words)) for words in (OPENINGS, VERBS, SUBJECTS))
    text = f"{opening} {verb} {subject} {_pick(random, _list(ENDINGS))}"
    for vowel in "aeiouéè":
        text = text.replace(f" de {vowel}", f" d’{vowel}")
    return text + ("\u00a0?" if opening.startswith("Pourquoi") else ".")

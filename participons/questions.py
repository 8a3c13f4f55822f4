"""The questions that people ask of any démarche, and what the portal answers: each answer is true of what it does.

Those of one démarche are written by its team (FrequentQuestion) and come first on the page.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """`anchor` is for ever: people share it. `links` are (name of an address, what the link says)."""

    anchor: str
    question: str
    answer: str
    links: tuple[tuple[str, str], ...] = ()


CONTRIBUTING = (
    Question(
        "qui",
        "Qui peut participer ?",
        "Toute personne que la démarche intéresse : habitants, élus, associations, lycées, entreprises. Vous "
        "choisissez de parler à titre personnel, au nom d’une organisation, ou au nom d’une classe ou d’un groupe.",
    ),
    Question(
        "compte",
        "Faut-il un compte ?",
        "Non. Aucun compte n’est demandé pour lire, pour contribuer, ni pour suivre ce que vous avez écrit.",
    ),
    Question(
        "nom",
        "Dois-je donner mon nom ?",
        "Non. « Anonyme » est le choix proposé d’abord. Un nom ou un pseudonyme n’est affiché que si vous le demandez.",
    ),
    Question(
        "comment",
        "Comment contribuer en ligne ?",
        "Choisissez une question, ou « autre sujet », puis écrivez un titre et un texte. Si quelque chose manque, "
        "le formulaire le dit, et garde tout ce que vous avez écrit.",
        (("contribution_new", "Contribuer en ligne"),),
    ),
    Question(
        "papier",
        "Puis-je participer sans internet ?",
        "Oui. Un formulaire à imprimer pose les mêmes questions ; il se renvoie par la poste ou se remet à "
        "l’équipe. On peut aussi appeler, ou venir à un rendez-vous. Ce qui arrive ainsi est publié avec le reste, "
        "et compté à part.",
        (("paper_form", "Le formulaire à imprimer (PDF)"), ("contact", "Nous joindre"), ("rencontres", "L’agenda")),
    ),
    Question(
        "moins-de-15-ans",
        "J’ai moins de 15 ans : puis-je écrire ?",
        "Oui, anonymement ou sous un pseudonyme. Cochez « J’ai moins de 15 ans » : votre nom ne sera ni demandé, ni"
        " publié. Une classe peut aussi contribuer avec son enseignant, comme un groupe.",
    ),
)
AFTERWARDS = (
    Question(
        "publication",
        "Quand ma contribution paraît-elle ?",
        "Une personne de l’équipe la lit d’abord, sauf si la démarche prévoit de la publier tout de suite. Si elle "
        "n’est pas publiée, la raison vous est donnée, et vous pouvez demander une fois qu’un autre modérateur "
        "regarde de nouveau cette décision.",
    ),
    Question(
        "numero",
        "À quoi sert le numéro de suivi ?",
        "À savoir où en est votre contribution, même si vous n’avez pas laissé d’adresse. Il est affiché à l’envoi "
        ": notez-le, nous ne pouvons pas le retrouver.",
        (("suivi", "Suivre ma contribution"),),
    ),
    Question(
        "adresse",
        "Pourquoi laisser une adresse électronique ?",
        "Elle est facultative et jamais publiée. Elle sert à confirmer que la contribution vient de vous, et à vous"
        " prévenir de ce qu’elle devient.",
    ),
    Question(
        "corriger",
        "Puis-je corriger ou retirer ma contribution ?",
        "Oui, avec votre numéro de suivi. Vous la corrigez tant qu’elle n’est pas publiée, et vous "
        "la retirez quand vous voulez. Si elle était en ligne, sa référence, la date et la mention du retrait "
        "restent à sa place.",
        (("suivi", "Retrouver ma contribution"),),
    ),
    Question(
        "suites",
        "Que deviennent les contributions ?",
        "Le cadre de chaque démarche dit qui les lit, qui décide et quand. Celles qui sont publiées se lisent toutes.",
        (("demarches", "Les démarches et leur cadre"), ("contributions", "Les contributions publiées")),
    ),
    Question(
        "signaler",
        "Une contribution me choque : que faire ?",
        "Chaque contribution publiée porte un lien « Signaler ». Dites pourquoi : quelqu’un de l’équipe la relit, "
        "et vous répond si vous le souhaitez.",
    ),
)
PORTAL = (
    Question(
        "rendez-vous",
        "Où et quand ont lieu les rendez-vous ?",
        "L’agenda les annonce tous. Quand une date ou une salle n’est pas encore fixée, il le dit.",
        (("rencontres", "L’agenda"),),
    ),
    Question(
        "nouvelles",
        "Comment être tenu au courant ?",
        "Laissez votre adresse pour recevoir les actualités : on vous demande de la confirmer, et chaque lettre "
        "porte un lien pour ne plus la recevoir.",
        (("lettre", "Recevoir les actualités"),),
    ),
    Question(
        "donnees",
        "Que faites-vous de mes données ?",
        "Les pages publiques ne mesurent aucune visite et n’appellent aucun service extérieur. Ce que vous donnez "
        "sert à conduire la consultation, et à rien d’autre. Vous pouvez demander à le voir, à le corriger, à "
        "l’effacer.",
        (("donnees_personnelles", "Données personnelles"), ("contact", "Nous écrire")),
    ),
    Question(
        "verifier",
        "Comment vérifier que rien n’est caché ?",
        "Chaque décision publique est inscrite dans un registre que personne ne peut récrire sans que cela se voie."
        " Les contributions publiées se téléchargent, pour qui veut les compter et les relire.",
        (("registre", "Le registre public"), ("registre_verifier", "Le vérifier soi-même"), ("donnees", "Les données")),
    ),
    Question(
        "difficulte",
        "Je n’arrive pas à me servir du site",
        "Dites-le-nous : nous chercherons avec vous un autre moyen de participer.",
        (("contact", "Nous joindre"), ("accessibilite", "L’accessibilité du portail")),
    ),
)
GROUPS = (("Contribuer", CONTRIBUTING), ("Après l’envoi", AFTERWARDS), ("Le portail", PORTAL))
ALL = (*CONTRIBUTING, *AFTERWARDS, *PORTAL)

# Those that hold the words of a tsquery, given last, as the search of the portal wants its rows (views/search.py).
MATCHING = (
    (
        "SELECT 'question', 0::bigint, title, said, anchor"
        " FROM unnest(%s::text[], %s::text[], %s::text[]) u(title, said, anchor)"
        " WHERE participons_vector(title || ' ' || said) @@ %s::tsquery"
    ),
    [[one.question for one in ALL], [one.answer for one in ALL], [one.anchor for one in ALL]],
)

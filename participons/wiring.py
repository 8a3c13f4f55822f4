"""What a lower floor asks of an upper one, by name: a floor knows nothing of those above it, the settings do."""

# Public records that may be destroyed, each only under the visa of an archivist (socle.privacy.records).
RECORDS = {
    "jamais_publiees": "consultation.actions.records.NEVER_PUBLISHED",
    "feuilles": "consultation.actions.records.SHEETS",
}
# What the worker can build, by the kind of a socle.exports Export.
EXPORT_BUILDERS = {
    "synthese": "consultation.synthese.BUILDER",
    "contributions": "consultation.admin.exchange.BUILDER",
    "texte": "consultation.texte_files.build.BUILDER",
    "cahier": "participons.cahier.BUILDER",
}

# Who writes the mails that get their words when they leave, by the `writer` of a socle.courriels Envoi.
MAIL_WRITERS = {"inscription.recue": "consultation.emails.inscriptions.write_registered"}

# What makes the public files of what is published, by the kind of a socle.publications Publication.
PUBLICATION_BUILDERS = {"compte_rendu": "ateliers.minutes.build", "texte": "consultation.texte_files.build.public"}
# What they tell that has changed since.
PUBLICATION_CHANGES = {"compte_rendu": "ateliers.changes.count", "texte": "consultation.texte_files.changes.count"}

# What a démarche's news may be about, beside the whole of it.
NEWS_TOPICS = "participons.topics.of"
# Who in the team prepares a rencontre, beside the responsables of its démarche: functions of the upper floors.
ORGANISERS = ("ateliers.organisers.of",)
# The other way round: the rencontres that a member of staff runs.
ORGANISED = ("ateliers.organisers.organised_by",)
# Who has to come to a rencontre that is announced: functions that put them down, and say so.
ANNOUNCED = ("ateliers.actions.seances.announced",)
# What ends with an account, with its trace: verbs of the upper floors (socle.comptes.team).
CLOSES_WITH_ACCOUNT = ("ateliers.actions.animations.close", "consultation.actions.roles.close")
# What else is given on a démarche, beside its roles: where it is, from the page of the team.
TEAM_DOORS = ("ateliers.organisers.door",)
# Who stays in the team without a role: functions of the upper floors that know why (socle.comptes.team).
STAYS_IN_TEAM = ("ateliers.organisers.animates",)
# What a rencontre's reminder says it is about.
ORDRES_DU_JOUR = "ateliers.programmes.of"

# What became of a contribution on the floors above the trunk: functions that give its steps (consultation.parcours).
PARCOURS = ("ateliers.parcours.of", "forums.parcours.of")

# What the portal holds of a person (socle.personaldata.Held), and the verbs of whoever leaves, from the top floor down:
# what points to a row goes before it, and locks are taken in the order of every other action (groups, then places).
PERSONAL_DATA = (
    *("forums.held.HELD", "ateliers.held.HELD", "consultation.held.HELD"),
    *("socle.exports.held.HELD", "socle.courriels.held.HELD"),
    *("socle.privacy.held.HELD", "participons.held.HELD", "socle.comptes.held.HELD"),
)
ERASERS = ("ateliers.actions.leaving.leave", "consultation.actions.leaving.leave", "socle.exports.actions.rebuild_all")

# What the public register (socle.registre) may hold.
REGISTRE_VOCABULARY = "participons.actes.VOCABULARY"

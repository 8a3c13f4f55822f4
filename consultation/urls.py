"""The addresses of the trunk's own pages; those that read several floors are the roof's."""

from datetime import date

from django.urls import path, re_path, register_converter

from consultation import feeds
from consultation.views.adoption import adoption, adoption_article, deliberation
from consultation.views.arrivee import arrivee
from consultation.views.attestation import inscription_attestation
from consultation.views.avis import avis, rencontre_avis
from consultation.views.confirm import contribution_confirm
from consultation.views.contributions import contributions
from consultation.views.demarches import cadre, cadre_version, demarche, demarches
from consultation.views.images import image, rencontre_images, thumbnail
from consultation.views.inscriptions import inscription_confirm, inscriptions
from consultation.views.lettre import lettre, lettre_choices, lettre_confirm, lettre_stop
from consultation.views.moderation import moderation
from consultation.views.news import actualite, actualites, ressource_document, ressources
from consultation.views.papers import cahier_document, cahiers, paper_form
from consultation.views.parcours_mail import parcours_choice, parcours_stop
from consultation.views.reactions import reagir
from consultation.views.recourse import suivi_corriger, suivi_reexamen, suivi_retirer
from consultation.views.signaler import signalement_numero, signalement_receipt, signaler
from consultation.views.soutiens import soutenir, soutien
from consultation.views.suites import suite, suites
from consultation.views.suivi import suivi, suivi_numero
from consultation.views.textes import texte, texte_reponses, texte_version, textes
from consultation.views.textes_files import texte_file
from consultation.views.write import communes_json, contribution_new, contribution_receipt, contribution_similar


class DayConverter:
    """« 2011-03-07 »; what is no day of the calendar is no address."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()


register_converter(DayConverter, "day")

urlpatterns = [
    path("demarches/", demarches, name="demarches"),
    path("demarches/<slug:slug>/", demarche, name="demarche"),
    path("demarches/<slug:slug>/cadre/", cadre, name="cadre"),
    path("demarches/<slug:slug>/cadre/<day:day>/", cadre_version, name="cadre_version"),
    path("demarches/<slug:slug>/moderation/", moderation, name="moderation"),
    path("contributions/", contributions, name="contributions"),
    path("cahiers-d-acteurs/", cahiers, name="cahiers"),
    path("contributions/<str:reference>/document.pdf", cahier_document, name="cahier_document"),
    path("contributions/formulaire.pdf", paper_form, name="paper_form"),
    path("contributions/nouvelle/", contribution_new, name="contribution_new"),
    path("contributions/proches/", contribution_similar, name="contribution_similar"),
    path("contributions/recu/<str:signed>/", contribution_receipt, name="contribution_receipt"),
    path("contributions/confirmer/<str:signed>/", contribution_confirm, name="contribution_confirm"),
    path("contributions/<str:reference>/signaler/", signaler, name="signaler"),
    path("contributions/<str:reference>/reagir/", reagir, name="reagir"),
    path("contributions/<str:reference>/soutenir/", soutenir, name="soutenir"),
    path("contributions/soutien/<str:signed>/", soutien, name="soutien"),
    path("signalements/recu/<str:signed>/", signalement_receipt, name="signalement_receipt"),
    path("signalements/<str:numero>/", signalement_numero, name="signalement_numero"),
    path("communes.json", communes_json, name="communes_json"),
    path("suivi/", suivi, name="suivi"),
    path("suivi/<str:numero>/", suivi_numero, name="suivi_numero"),
    path("suivi/<str:numero>/corriger/", suivi_corriger, name="suivi_corriger"),
    path("suivi/<str:numero>/retirer/", suivi_retirer, name="suivi_retirer"),
    path("suivi/<str:numero>/reexamen/", suivi_reexamen, name="suivi_reexamen"),
    path("inscriptions/confirmer/<str:signed>/", inscription_confirm, name="inscription_confirm"),
    path("inscriptions/<str:signed>/", inscriptions, name="inscriptions"),
    path("inscriptions/<str:signed>/attestation/<int:pk>/", inscription_attestation, name="inscription_attestation"),
    path("arrivee/<str:signed>/", arrivee, name="arrivee"),
    path("avis/<str:signed>/", avis, name="avis"),
    path("rencontres/<int:pk>/avis/", rencontre_avis, name="rencontre_avis"),
    path("rencontres/<int:pk>/images/", rencontre_images, name="rencontre_images"),
    path("rencontres/<int:pk>/images/<int:media>.jpg", image, name="rencontre_image"),
    path("rencontres/<int:pk>/images/<int:media>/vignette.jpg", thumbnail, name="rencontre_thumbnail"),
    path("actualites/", actualites, name="actualites"),
    path("actualites/<int:pk>/", actualite, name="actualite"),
    path("textes/", textes, name="textes"),
    path("textes/<int:pk>/", texte, name="texte"),
    path("textes/<int:pk>/versions/<int:number>/", texte_version, name="texte_version"),
    re_path(r"^textes/(?P<pk>[0-9]+)/export\.(?P<extension>pdf|docx|odt|zip)$", texte_file, name="texte_file"),
    path("textes/<int:pk>/reponses/", texte_reponses, name="texte_reponses"),
    path("textes/<int:pk>/adoption/", adoption, name="adoption"),
    path("textes/<int:pk>/adoption/deliberation.pdf", deliberation, name="adoption_deliberation"),
    path("textes/<int:pk>/adoption/<int:key>/", adoption_article, name="adoption_article"),
    path("textes/<int:pk>/suites/", suites, name="suites"),
    path("suites/<int:pk>/", suite, name="suite"),
    path("ressources/", ressources, name="ressources"),
    path("ressources/<int:pk>/document/", ressource_document, name="ressource_document"),
    path("lettre/", lettre, name="lettre"),
    path("lettre/confirmer/<str:signed>/", lettre_confirm, name="lettre_confirm"),
    path("lettre/arret/<str:signed>/", lettre_stop, name="lettre_stop"),
    path("lettre/parcours/<str:signed>/", parcours_choice, name="parcours_choice"),
    path("lettre/parcours/arret/<str:signed>/", parcours_stop, name="parcours_stop"),
    path("lettre/<str:signed>/", lettre_choices, name="lettre_choices"),
    path("flux/actualites.atom", feeds.actualites, name="flux_actualites"),
    path("flux/contributions.atom", feeds.contributions, name="flux_contributions"),
]

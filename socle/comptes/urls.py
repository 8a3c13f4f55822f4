"""The addresses of accounts: ours, and of allauth's only those that we use, under the names it looks them up by."""

from __future__ import annotations

from allauth.account.views import logout, reauthenticate
from django.urls import path

from socle.comptes.views import account, entry

urlpatterns = [
    path("connexion/", entry.connexion, name="account_login"),
    path("connexion/mot-de-passe/", entry.par_mot_de_passe, name="account_login_password"),
    path("creer/", entry.creer, name="account_signup"),
    path("mot-de-passe/oublie/", entry.mot_de_passe_oublie, name="account_reset_password"),
    path("code/", entry.code, name="account_code"),
    path("aucun/", entry.sans_compte, name="account_none"),
    path("desactive/", entry.inactif, name="account_inactive"),
    path("", account.compte, name="account_index"),
    path("mot-de-passe/", account.mot_de_passe, name="account_change_password"),
    path("adresse/", account.adresse, name="account_address"),
    path("confirmer/", reauthenticate, name="account_reauthenticate"),
    path("confirmer/code/", account.confirmer_par_code, name="account_request_reauthentication_code"),
    # allauth asks where the code is typed, to know which way is being taken.
    path("code/", entry.code, name="account_confirm_reauthentication_code"),
    path("deconnexion/", logout, name="account_logout"),
]

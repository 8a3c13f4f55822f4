"""The addresses of accounts: ours, and of allauth's only those that we use, under the names it looks them up by."""

from __future__ import annotations

from allauth.account.views import logout, reauthenticate
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as spare
from allauth.mfa.totp.views import deactivate_totp
from allauth.mfa.webauthn import views as passkeys
from allauth.usersessions.views import list_usersessions
from django.urls import path

from socle.comptes.views import account, entry, security

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
    # A second factor, and passkeys.
    path("connexion/second-facteur/", security.SecondFactor.as_view(), name="mfa_authenticate"),
    path("connexion/cle/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("confirmer/second-facteur/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("confirmer/cle/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("securite/", mfa.index, name="mfa_index"),
    path("securite/application/", security.Application.as_view(), name="mfa_activate_totp"),
    path("securite/application/retirer/", deactivate_totp, name="mfa_deactivate_totp"),
    path("securite/codes-de-secours/", spare.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("securite/codes-de-secours/nouveaux/", spare.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("securite/cles/", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("securite/cles/ajouter/", security.NewPasskey.as_view(), name="mfa_add_webauthn"),
    path("securite/cles/<int:pk>/retirer/", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
    path("sessions/", list_usersessions, name="usersessions_list"),
    path("deconnexion/", logout, name="account_logout"),
]

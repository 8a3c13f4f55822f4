// Passkeys: hands each form to allauth's script, and says in words what went wrong. Without JavaScript no button shows.
(function () {
  const error = document.getElementById('cle-erreur')
  const said = {
    NotAllowedError: 'Rien n’a été fait : la demande a été annulée, ou elle a duré trop longtemps. Recommencez.',
    InvalidStateError: 'Cette clé est déjà dans votre compte.',
    SecurityError: 'Votre navigateur n’accepte pas de clé d’accès à cette adresse.'
  }

  document.addEventListener('allauth.error', function (event) {
    event.preventDefault()
    const other = 'Votre navigateur n’a pas pu utiliser la clé d’accès. Essayez autrement.'
    error.textContent = said[event.detail.exception.name] || other
    error.hidden = false
  })

  const button = document.getElementById('cle')
  const form = button && button.closest('form')
  if (!form || !window.PublicKeyCredential) return
  const find = name => (form.elements[name] || {}).id
  const ids = { credential: find('credential'), passwordless: find('passwordless') }
  ids.add = ids.login = ids.authenticate = 'cle'
  if (document.getElementById('js_data')) ids.data = 'js_data'
  window.allauth.webauthn.forms[form.dataset.passkey]({ ids })
  button.hidden = false
})()

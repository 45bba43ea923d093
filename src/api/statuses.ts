import type { ProblemCode } from '../protocol/problems.ts'

/** How one refusal is told: its HTTP status, and in both languages what it is and what to do next. */
export interface ProblemText {
  readonly status: number
  readonly fr: readonly [title: string, next: string]
  readonly en: readonly [title: string, next: string]
}

/** The one table from codes to HTTP statuses and to words. Nothing here depends on who asks or about what. */
export const STATUSES: Readonly<Record<ProblemCode, ProblemText>> = {
  malformed: {
    status: 400,
    fr: ['Demande mal formée', 'Mettez votre logiciel à jour, ou signalez ce défaut à son éditeur.'],
    en: ['Malformed request', 'Update your software, or report this defect to its maker.'],
  },
  'no-such-route': {
    status: 404,
    fr: ['Adresse inconnue', "Vérifiez l'adresse et la méthode ; chaque port n'a que ses propres routes."],
    en: ['Unknown address', 'Check the address and the method; each listener has its own routes only.'],
  },
  'too-large': {
    status: 413,
    fr: ['Demande trop grande', 'Envoyez les grands documents par parties de 8 Mio.'],
    en: ['Request too large', 'Send large documents in parts of 8 MiB.'],
  },
  'request-unsigned': {
    status: 401,
    fr: ['Demande non signée', 'Cette route demande une signature (RFC 9421).'],
    en: ['Request not signed', 'This route wants a signature (RFC 9421).'],
  },
  'signature-invalid': {
    status: 401,
    fr: ['Signature refusée', 'La demande ne correspond pas à sa signature ; refaites-la.'],
    en: ['Signature refused', 'The request is not what its signature covers; make it again.'],
  },
  'clock-skew': {
    status: 401,
    fr: ['Horloge décalée', "Réglez l'horloge de l'appareil, puis recommencez."],
    en: ['Clock is off', "Set the device's clock, then try again."],
  },
  'nonce-replayed': {
    status: 409,
    fr: ['Demande déjà reçue', 'Signez une nouvelle demande.'],
    en: ['Request already received', 'Sign a new request.'],
  },
  'history-missing': {
    status: 409,
    fr: [
      "L'hébergeur n'a pas l'historique que vous avez vu",
      'Arrêtez, gardez vos reçus, et prévenez un auditeur : cet hébergeur a perdu ou changé son journal.',
    ],
    en: [
      'The host lacks the history you saw',
      'Stop, keep your receipts, and tell an auditor: this host lost or changed its log.',
    ],
  },
  'certificate-refused': {
    status: 403,
    fr: ['Certificat refusé', 'Vérifiez la carte : dates, révocation, et titulaire de la clé de travail.'],
    en: ['Certificate refused', 'Check the card: dates, revocation, and whose working key this is.'],
  },
  'key-unknown': {
    status: 401,
    fr: ['Clé inconnue', "Publiez d'abord la clé, ou vérifiez l'identifiant de clé."],
    en: ['Unknown key', 'Publish the key first, or check the key id.'],
  },
  'key-refused': {
    status: 403,
    fr: ['Clé refusée', 'Publiez une nouvelle clé de travail avec la carte.'],
    en: ['Key refused', 'Publish a new working key with the card.'],
  },
  'key-withdrawn': {
    status: 403,
    fr: [
      'Clé retirée',
      'Cette clé de travail a été retirée par son titulaire : publiez-en une nouvelle avec la carte.',
    ],
    en: ['Key withdrawn', 'This working key was withdrawn by its holder: publish a new one with the card.'],
  },
  'session-required': {
    status: 401,
    fr: ['Session absente ou close', 'Connectez-vous de nouveau.'],
    en: ['No open session', 'Sign in again.'],
  },
  'sign-in-refused': {
    status: 401,
    fr: ['Connexion refusée', "Vérifiez l'INS et le code secret."],
    en: ['Sign-in refused', 'Check the INS and the secret code.'],
  },
  'sign-in-locked': {
    status: 429,
    fr: ['Connexion suspendue', "Trop d'essais : attendez avant de recommencer."],
    en: ['Sign-in suspended', 'Too many tries: wait before the next.'],
  },
  'sign-in-again': {
    status: 403,
    fr: ['Connexion trop ancienne', 'Cet acte demande une connexion de moins de dix minutes : reconnectez-vous.'],
    en: ['Sign-in too old', 'This act wants a sign-in of the last ten minutes: sign in again.'],
  },
  'contact-new': {
    status: 403,
    fr: [
      'Contact trop récent',
      "Le code est parti vers un contact changé depuis moins de 24 heures : attendez l'heure indiquée.",
    ],
    en: [
      'Contact too new',
      'The password went to a contact changed less than 24 hours ago: wait until the time given.',
    ],
  },
  'contact-unsupported': {
    status: 422,
    fr: ['Contact sans desserte', "Cet hébergeur n'envoie pas de SMS : donnez une adresse de courriel."],
    en: ['Contact out of reach', 'This host sends no SMS: give a mail address.'],
  },
  'code-refused': {
    status: 403,
    fr: ['Code refusé', 'Vérifiez le code, ou demandez-en un nouveau.'],
    en: ['Code refused', 'Check the code, or ask for a new one.'],
  },
  'registration-invalid': {
    status: 422,
    fr: ['Enregistrement invalide', "L'enregistrement de l'assureur ne se vérifie pas ; écrivez à l'assureur."],
    en: ['Invalid registration', "The insurer's registration does not verify; write to the insurer."],
  },
  'registration-expired': {
    status: 403,
    fr: ['Courrier périmé', 'Demandez un nouveau courrier à votre assureur.'],
    en: ['Letter expired', 'Ask your insurer for a new letter.'],
  },
  'registration-used': {
    status: 409,
    fr: ['Code déjà utilisé', 'Chaque courrier sert une fois ; demandez-en un nouveau à votre assureur.'],
    en: ['Code already used', 'Each letter serves once; ask your insurer for a new one.'],
  },
  'registration-frozen': {
    status: 409,
    fr: ['Ouverture gelée', 'Deux identités ont utilisé ce code : appelez votre assureur, un courrier a pu être volé.'],
    en: ['Opening frozen', 'Two identities used this code: call your insurer, a letter may have been stolen.'],
  },
  'identity-invalid': {
    status: 422,
    fr: ['Identité invalide', "La déclaration d'identité ne se vérifie pas ; refaites-la."],
    en: ['Invalid identity', 'The identity statement does not verify; make it again.'],
  },
  'activation-invalid': {
    status: 422,
    fr: ['Activation invalide', "La déclaration d'activation ne se vérifie pas ; refaites-la."],
    en: ['Invalid activation', 'The activation statement does not verify; make it again.'],
  },
  'record-unknown': {
    status: 404,
    fr: ['Dossier inconnu', "Vérifiez l'identifiant."],
    en: ['Unknown record', 'Check the identifier.'],
  },
  'record-exists': {
    status: 409,
    fr: ['Dossier déjà ouvert', 'Connectez-vous à ce dossier, ou restaurez-le avec le kit.'],
    en: ['Record already open', 'Sign in to this record, or restore it with the kit.'],
  },
  'record-closed': {
    status: 409,
    fr: ['Dossier fermé', "Rouvrez d'abord ce dossier (coffre patient undo-close)."],
    en: ['Record closed', 'Open the record again first (coffre patient undo-close).'],
  },
  'record-open': {
    status: 409,
    fr: ['Dossier ouvert', "Ce dossier n'est pas fermé ; il n'y a rien à faire."],
    en: ['Record open', 'This record is not closed; there is nothing to do.'],
  },
  'state-stale': {
    status: 409,
    fr: ['État dépassé', 'Prenez le dernier état, puis refaites le changement.'],
    en: ['State out of date', 'Fetch the latest state, then make the change again.'],
  },
  'state-invalid': {
    status: 422,
    fr: ['État invalide', "Ce changement n'est pas de ceux que cette action permet."],
    en: ['Invalid state', 'This change is not one that this action allows.'],
  },
  'statement-invalid': {
    status: 422,
    fr: ['Déclaration invalide', 'Une déclaration signée ne se vérifie pas ; refaites-la.'],
    en: ['Invalid statement', 'A signed statement does not verify; make it again.'],
  },
  'no-grant': {
    status: 403,
    fr: ["Pas d'autorisation du patient", "Demandez l'accès au patient."],
    en: ['No grant of the patient', 'Ask the patient for access.'],
  },
  'request-unknown': {
    status: 404,
    fr: ["Demande d'accès inconnue", 'Reprenez la liste des demandes.'],
    en: ['Unknown access request', 'Fetch the list of requests again.'],
  },
  'pairing-unknown': {
    status: 404,
    fr: [
      'Aucun appareil en attente',
      'Affichez un nouveau code sur le nouvel appareil : il vaut dix minutes, une fois.',
    ],
    en: ['No device waits', 'Show a new code on the new device: it is good for ten minutes, once.'],
  },
  'recovery-unknown': {
    status: 404,
    fr: ['Aucune nouvelle identité en attente', "Proposez l'identité avec le nouveau courrier, puis recommencez."],
    en: ['No new identity waits', 'Propose the identity with the new letter, then try again.'],
  },
  'recovery-early': {
    status: 403,
    fr: ['Trop tôt', "Une nouvelle identité attend 72 heures : revenez à l'heure indiquée."],
    en: ['Too early', 'A new identity waits 72 hours: come back at the time given.'],
  },
  'recovery-stopped': {
    status: 409,
    fr: [
      'Récupération arrêtée',
      "Un appareil du patient l'a arrêtée ; appelez votre assureur pour un nouveau courrier.",
    ],
    en: ['Recovery stopped', "A device of the patient's stopped it; call the insurer for a new letter."],
  },
  'document-unknown': {
    status: 404,
    fr: ['Document inconnu', 'Reprenez la liste des documents.'],
    en: ['Unknown document', 'Fetch the list of documents again.'],
  },
  'document-exists': {
    status: 409,
    fr: ['Document déjà déposé', 'Donnez un nouvel identifiant au document.'],
    en: ['Document already deposited', 'Give the document a new id.'],
  },
  'document-invalid': {
    status: 422,
    fr: ['Document invalide', 'Refaites le dépôt ; une de ses parties ne correspond pas.'],
    en: ['Invalid document', 'Make the deposit again; one of its parts does not fit.'],
  },
  'epoch-stale': {
    status: 409,
    fr: ['Époque dépassée', 'Prenez le dernier état du dossier, scellez de nouveau, puis déposez.'],
    en: ['Epoch out of date', "Fetch the record's latest state, seal again, then deposit."],
  },
  'upload-unknown': {
    status: 404,
    fr: ['Envoi inconnu', 'Recommencez cet envoi.'],
    en: ['Unknown upload', 'Start this upload again.'],
  },
  'upload-incomplete': {
    status: 409,
    fr: ['Envoi incomplet', 'Envoyez les parties qui manquent, puis déposez.'],
    en: ['Upload incomplete', 'Send the missing parts, then deposit.'],
  },
  'part-invalid': {
    status: 422,
    fr: ['Partie invalide', 'Envoyez de nouveau cette partie : 8 Mio exactement, sauf la dernière.'],
    en: ['Invalid part', 'Send this part again: exactly 8 MiB, but for the last.'],
  },
  'body-mismatch': {
    status: 422,
    fr: ['Le corps diffère de la déclaration', 'Recommencez cet envoi.'],
    en: ['Body differs from its statement', 'Start this upload again.'],
  },
  'read-closed': {
    status: 403,
    fr: ['Lecture close', 'Ouvrez de nouveau le document.'],
    en: ['Read closed', 'Open the document again.'],
  },
  'range-invalid': {
    status: 416,
    fr: ['Plage invalide', 'Demandez une plage dans la longueur du corps.'],
    en: ['Invalid range', "Ask for one range within the body's length."],
  },
  'log-unavailable': {
    status: 503,
    fr: [
      'Journal indisponible',
      "Rien ne peut être lu ni écrit tant que le journal ne s'écrit pas ; réessayez plus tard.",
    ],
    en: ['Log unavailable', 'Nothing can be read or written while the log cannot; try again later.'],
  },
  'store-full': {
    status: 507,
    fr: ['Plus de place', "L'hébergeur ne prend plus de documents pour l'instant ; gardez celui-ci et prévenez-le."],
    en: ['No room', 'The host takes no more documents for now; keep this one and tell its operator.'],
  },
  busy: {
    status: 503,
    fr: ['Hébergeur occupé', 'Réessayez dans quelques secondes.'],
    en: ['Host busy', 'Try again in a few seconds.'],
  },
  'too-many-requests': {
    status: 429,
    fr: ['Trop de demandes', 'Réessayez après le délai que la réponse indique (retry-after).'],
    en: ['Too many requests', 'Try again after the time that the answer tells (retry-after).'],
  },
  internal: {
    status: 500,
    fr: ['Défaut de l’hébergeur', "Réessayez ; si cela dure, donnez le numéro d'incident à l'exploitant."],
    en: ['Defect of the host', 'Try again; if it lasts, give the incident number to the operator.'],
  },
}

/** What goes wrong with requests that are compared, closed records and new identities: see troubles.ts. */
import type { Told } from './told.ts'

export const fr: Readonly<Record<string, Told>> = {
  'consultation-other': [
    'Ce n’est pas la même demande',
    'Le carré affiché par cette personne n’est pas celui de la demande montrée ici. Aucun accès n’a été donné.',
  ],
  'record-closed': [
    'Votre dossier est fermé',
    'Rouvrez-le d’abord : « Mes appareils et mes réglages », puis « Fermer ».',
  ],
  'record-open': ['Votre dossier n’est pas fermé', 'Il n’y a rien à rouvrir.'],
  'recovery-unknown': [
    'Votre médecin n’a pas encore confirmé',
    'Montrez-lui l’empreinte, en personne. Les 72 heures commencent avec sa confirmation.',
  ],
  'recovery-early': [
    'Les 72 heures ne sont pas encore passées',
    'Elles protègent votre dossier : si ce n’était pas vous, vos anciens appareils peuvent encore tout arrêter. Revenez plus tard.',
  ],
  'recovery-stopped': [
    'Cette demande a été arrêtée',
    'Un de vos appareils l’a arrêtée. Si ce n’était pas vous, appelez votre caisse d’assurance maladie.',
  ],
  'kit-other': ['Ce n’est pas le nouveau kit', 'Prenez la feuille faite avec la nouvelle lettre, pas l’ancienne.'],
  'identity-waits': [
    'Une autre demande attend déjà sur cet appareil',
    'Terminez-la, ou recommencez avec un autre appareil.',
  ],
  'identity-in-force': [
    'C’est déjà fait',
    'Votre nouvelle identité est en vigueur. Activez le dossier avec la lettre d’activation et le nouveau kit.',
  ],
  'identity-unknown': ['Cette demande n’attend plus', 'Elle a été arrêtée ou elle est terminée.'],
  'record-unknown': [
    'Aucun dossier n’est ouvert à ce nom',
    'Choisissez « J’ai reçu ma première lettre » pour en ouvrir un.',
  ],
}

export const en: Readonly<Record<string, Told>> = {
  'consultation-other': [
    'It is not the same request',
    'The square that this person shows is not that of the request shown here. No access was given.',
  ],
  'record-closed': ['Your record is closed', 'Open it again first: “My devices and settings”, then “Close”.'],
  'record-open': ['Your record is not closed', 'There is nothing to open again.'],
  'recovery-unknown': [
    'Your doctor has not confirmed yet',
    'Show the fingerprint, in person. The 72 hours begin with the confirmation.',
  ],
  'recovery-early': [
    'The 72 hours are not over yet',
    'They protect your record: if it was not you, your old devices can still stop it. Come back later.',
  ],
  'recovery-stopped': [
    'This request was stopped',
    'One of your devices stopped it. If it was not you, call your health insurer.',
  ],
  'kit-other': ['That is not the new kit', 'Take the sheet made with the new letter, not the old one.'],
  'identity-waits': ['Another request waits on this device already', 'Finish it, or begin on another device.'],
  'identity-in-force': [
    'It is done already',
    'Your new identity is in force. Activate the record with the activation letter and the new kit.',
  ],
  'identity-unknown': ['This request waits no more', 'It was stopped, or is finished.'],
  'record-unknown': ['No record is open in this name', 'Choose “I have received my first letter” to open one.'],
}

/** Words for what goes wrong: a title, and what to do next. By the error's code, else by its kind. */
import type { Failure } from '../talk.ts'
import * as identity from './identity-troubles.ts'
import type { Told } from './told.ts'

interface Troubles {
  readonly troubles: {
    readonly byCode: Readonly<Record<string, Told>>
    readonly byKind: Readonly<Record<Failure['kind'], Told>>
  }
}

export const fr: Troubles = {
  troubles: {
    byKind: {
      refused: [
        'Cela n’a pas été accepté',
        'L’hébergeur a refusé cette demande. Rien n’a été changé. Réessayez dans un moment.',
      ],
      unreachable: [
        'Nous n’arrivons pas à joindre l’hébergeur en sécurité',
        'Vérifiez que vous êtes connecté à Internet, puis réessayez. Rien n’est perdu.',
      ],
      verification: [
        'Quelque chose ne correspond pas',
        'Ce que l’hébergeur a envoyé n’a pas passé nos vérifications. Nous nous sommes arrêtés : rien n’a été ouvert ni changé. Prévenez le service d’aide du dossier médical.',
      ],
      input: ['Ce n’est pas tout à fait cela', 'Vérifiez ce que vous avez tapé et réessayez.'],
      step: ['Ce n’est pas possible maintenant', 'Revenez à l’accueil et recommencez.'],
      'given-up': ['', ''],
      defect: [
        'Un problème est survenu sur cette page',
        'Rechargez la page et recommencez. Si cela se reproduit, demandez de l’aide.',
      ],
    },
    byCode: {
      ...identity.fr,
      offline: [
        'Vous n’êtes pas connecté à Internet',
        'Vérifiez le Wi-Fi ou le réseau du téléphone, puis réessayez. Rien n’est perdu.',
      ],
      'pages-unreachable': [
        'Cette page n’a pas pu se charger entièrement',
        'La connexion est peut-être lente ou coupée. Réessayez.',
      ],
      'sign-in-failed': [
        'Ce code secret n’est pas le bon',
        'Vérifiez les majuscules et les chiffres. Après cinq essais, il faudra attendre un peu.',
      ],
      'sign-in-refused': [
        'Ce code secret n’est pas le bon',
        'Vérifiez les majuscules et les chiffres. Après cinq essais, il faudra attendre un peu.',
      ],
      'sign-in-locked': [
        'Trop d’essais',
        'Pour protéger votre dossier, il faut attendre avant de réessayer. Votre dossier n’est pas bloqué : prenez le temps de retrouver votre code.',
      ],
      'code-refused': [
        'Ce code n’est pas le bon, ou il est trop vieux',
        'Un code reçu sert une seule fois et dure cinq minutes. Recommencez pour en recevoir un autre.',
      ],
      'one-time-password-malformed': [
        'Ce code a 8 chiffres',
        'Tapez-le comme il est écrit dans le message. Les espaces ne comptent pas.',
      ],
      'secret-code-weak': [
        'Ce code secret est trop facile à deviner',
        'Prenez au moins 8 caractères et mélangez lettres et chiffres. Évitez votre adresse et les mots que tout le monde essaie.',
      ],
      'mail-malformed': ['Cette adresse n’est pas complète', 'Une adresse ressemble à nom@exemple.fr.'],
      malformed: [
        'Cette adresse n’est pas complète',
        'Vérifiez ce que vous avez tapé. Une adresse ressemble à nom@exemple.fr.',
      ],
      'code-malformed': [
        'Ce code n’est pas complet',
        'Il a 20 lettres et chiffres, en 4 groupes de 5. Comparez avec la lettre.',
      ],
      'code-check-symbol': [
        'Il y a une faute de frappe dans le code',
        'Une lettre ou un chiffre est faux, ou deux sont inversés. Comparez avec la lettre.',
      ],
      'code-unknown': [
        'Ce code n’est pas connu',
        'Comparez le code et le numéro INS avec la lettre. Une lettre toute neuve compte à partir du lendemain.',
      ],
      'ins-length': ['Le numéro INS a 22 chiffres', 'Comparez avec la lettre. Les espaces ne comptent pas.'],
      'ins-characters': ['Le numéro INS n’a que des chiffres', 'Comparez avec la lettre.'],
      'ins-check-key': [
        'Il y a une faute de frappe dans le numéro INS',
        'Un chiffre est faux, ou deux sont inversés. Comparez avec la lettre.',
      ],
      'kit-code-malformed': ['La clé de secours n’est pas complète', 'Comparez avec la feuille imprimée.'],
      'kit-code-check-symbol': [
        'Il y a une faute de frappe dans la clé de secours',
        'Comparez avec la feuille imprimée.',
      ],
      'kit-not-kept': [
        'Ce n’est pas ce qui est imprimé',
        'Rien n’a été envoyé et votre lettre reste valable. Recommencez : une nouvelle feuille sera faite. Jetez celle-ci.',
      ],
      'slot-open': [
        'Cette clé de secours n’ouvre pas ce dossier',
        'Prenez la feuille imprimée à l’ouverture de ce dossier.',
      ],
      'registration-used': [
        'Cette lettre a déjà servi',
        'Un code ne sert qu’une fois. Si ce n’était pas vous, prévenez votre caisse d’assurance maladie.',
      ],
      'registration-expired': [
        'Cette lettre est trop vieille',
        'Demandez-en une autre à votre caisse d’assurance maladie.',
      ],
      'registration-frozen': [
        'Ce dossier est bloqué par précaution',
        'Deux personnes ont essayé de l’ouvrir. Appelez votre caisse d’assurance maladie : elle vous enverra une autre lettre.',
      ],
      'device-exists': ['Cet appareil ouvre déjà votre dossier', 'Revenez à l’accueil et tapez votre code secret.'],
      'record-exists': ['Votre dossier est déjà ouvert', 'Revenez à l’accueil.'],
      'grant-exists': ['Cette personne a déjà un accès', 'Ouvrez sa fiche pour le changer.'],
      'holder-number': [
        'Ce numéro n’est pas complet',
        'Un médecin a un numéro RPPS de 11 chiffres. Il est sur ses ordonnances.',
      ],
      'key-unknown': [
        'Personne n’est connu sous ce numéro',
        'Vérifiez le numéro. Cette personne n’utilise peut-être pas encore le dossier médical.',
      ],
      'request-unknown': ['Cette demande n’attend plus de réponse', 'Elle a été retirée ou déjà traitée.'],
      'store-closed': [
        'Ce navigateur ne garde rien',
        'Vous êtes peut-être en navigation privée. Ouvrez une fenêtre normale.',
      ],
      'store-damaged': [
        'Ce que cet appareil gardait est abîmé',
        'Il ne peut plus ouvrir votre dossier. Demandez de l’aide.',
      ],
      'home-missing': ['Cet appareil ne connaît pas encore votre dossier', 'Revenez à l’accueil.'],
      'sign-in-again': [
        'Il faut confirmer que c’est vous',
        'Quittez votre dossier, rouvrez-le, puis recommencez tout de suite.',
      ],
      'contact-new': [
        'L’adresse ou le téléphone de vos codes est trop récent',
        'Il a changé il y a moins de 24 heures. Par prudence, attendez demain pour changer ce qui ouvre votre dossier.',
      ],
      'contact-malformed': [
        'Cette adresse ou ce numéro n’est pas complet',
        'Une adresse ressemble à nom@exemple.fr, un numéro à 06 12 34 56 78.',
      ],
      'code-purpose': ['C’est le code de l’autre lettre', 'Prenez la lettre qui est demandée sur cet écran.'],
      'pairing-over': [
        'Personne n’a laissé entrer cet appareil',
        'Le carré sert dix minutes. Recommencez pour en avoir un autre.',
      ],
      'pairing-unknown': [
        'Ce carré ne sert plus',
        'Il sert une seule fois, pendant dix minutes. Affichez-en un autre sur le nouvel appareil.',
      ],
      'pairing-malformed': [
        'Ce n’est pas le carré d’un nouvel appareil',
        'Scannez-le encore, ou copiez le texte en entier.',
      ],
      'pairing-key': [
        'Ce n’est pas l’appareil qui est devant vous',
        'L’hébergeur a envoyé la clé d’un autre appareil. Nous n’avons rien ouvert. Prévenez le service d’aide du dossier médical.',
      ],
      'slot-missing': [
        'Cet appareil n’ouvre plus votre dossier',
        'Il a été retiré, depuis un autre appareil ou avec un nouveau code secret. Touchez « Je n’arrive pas à ouvrir mon dossier » pour l’ajouter de nouveau.',
      ],
      'slot-unknown': [
        'La liste des appareils n’est pas la bonne',
        'L’hébergeur montre d’autres appareils que les vôtres. Nous nous sommes arrêtés. Prévenez le service d’aide du dossier médical.',
      ],
      'device-unknown': ['Cet appareil est déjà retiré', 'Revenez à la liste de vos appareils.'],
      'compartment-name': ['Ce nom ne convient pas', 'Prenez un nom court, sans le signe « = ».'],
      'compartment-exists': ['Vous avez déjà une catégorie de ce nom', 'Choisissez un autre nom.'],
      'quorum-missing': [
        'Les témoins sont en retard',
        'Sans leur signature, la copie ne prouverait rien. Réessayez dans quelques minutes.',
      ],
      'state-not-last': ['Quelque chose vient de changer', 'Votre dossier a changé pendant la copie. Recommencez.'],
      busy: ['Il y a beaucoup de monde', 'Attendez une minute et réessayez.'],
      'clock-skew': [
        'L’heure de votre appareil n’est pas juste',
        'Réglez la date et l’heure automatiquement dans les réglages, puis réessayez.',
      ],
    },
  },
}

export const en: Troubles = {
  troubles: {
    byKind: {
      refused: ['That was not accepted', 'The host refused this request. Nothing was changed. Try again in a moment.'],
      unreachable: [
        'We cannot reach the host safely',
        'Check that you are connected to the Internet, then try again. Nothing is lost.',
      ],
      verification: [
        'Something does not fit',
        'What the host sent did not pass our checks. We stopped: nothing was opened or changed. Tell the help service of the health record.',
      ],
      input: ['That is not quite it', 'Check what you typed and try again.'],
      step: ['That is not possible now', 'Go back to the first page and begin again.'],
      'given-up': ['', ''],
      defect: [
        'A problem occurred on this page',
        'Load the page again and start over. If it happens again, ask for help.',
      ],
    },
    byCode: {
      ...identity.en,
      offline: [
        'You are not connected to the Internet',
        'Check the Wi-Fi or the telephone network, then try again. Nothing is lost.',
      ],
      'pages-unreachable': ['This page could not be loaded whole', 'The connection may be slow or cut. Try again.'],
      'sign-in-failed': [
        'This secret code is not the right one',
        'Check capitals and digits. After five tries you will have to wait a little.',
      ],
      'sign-in-refused': [
        'This secret code is not the right one',
        'Check capitals and digits. After five tries you will have to wait a little.',
      ],
      'sign-in-locked': [
        'Too many tries',
        'To protect your record you have to wait before the next try. Your record is not blocked: take the time to find your code.',
      ],
      'code-refused': [
        'This code is not the right one, or too old',
        'A code that you received works once and lasts five minutes. Begin again to receive another.',
      ],
      'one-time-password-malformed': [
        'This code has 8 digits',
        'Type it as it stands in the message. Spaces do not count.',
      ],
      'secret-code-weak': [
        'This secret code is too easy to guess',
        'Take at least 8 characters and mix letters and digits. Avoid your address and words that everybody tries.',
      ],
      'mail-malformed': ['This address is not complete', 'An address looks like name@example.org.'],
      malformed: ['This address is not complete', 'Check what you typed. An address looks like name@example.org.'],
      'code-malformed': [
        'This code is not complete',
        'It has 20 letters and digits, in 4 groups of 5. Compare it with the letter.',
      ],
      'code-check-symbol': [
        'There is a slip in the code',
        'A letter or digit is wrong, or two are swapped. Compare it with the letter.',
      ],
      'code-unknown': [
        'This code is not known',
        'Compare the code and the INS number with the letter. A new letter counts from the next day.',
      ],
      'ins-length': ['The INS number has 22 digits', 'Compare it with the letter. Spaces do not count.'],
      'ins-characters': ['The INS number has digits only', 'Compare it with the letter.'],
      'ins-check-key': [
        'There is a slip in the INS number',
        'A digit is wrong, or two are swapped. Compare it with the letter.',
      ],
      'kit-code-malformed': ['The recovery key is not complete', 'Compare it with the printed sheet.'],
      'kit-code-check-symbol': ['There is a slip in the recovery key', 'Compare it with the printed sheet.'],
      'kit-not-kept': [
        'That is not what is printed',
        'Nothing was sent and your letter is still good. Begin again: a new sheet will be made. Throw this one away.',
      ],
      'slot-open': [
        'This recovery key does not open this record',
        'Take the sheet printed when this record was opened.',
      ],
      'registration-used': [
        'This letter was used already',
        'A code works once. If it was not you, tell your health insurer.',
      ],
      'registration-expired': ['This letter is too old', 'Ask your health insurer for another.'],
      'registration-frozen': [
        'This record is blocked as a precaution',
        'Two people tried to open it. Call your health insurer, who will send another letter.',
      ],
      'device-exists': [
        'This device opens your record already',
        'Go back to the first page and type your secret code.',
      ],
      'record-exists': ['Your record is open already', 'Go back to the first page.'],
      'grant-exists': ['This person has access already', 'Open the entry to change it.'],
      'holder-number': [
        'This number is not complete',
        'A doctor has an RPPS number of 11 digits. It stands on prescriptions.',
      ],
      'key-unknown': [
        'Nobody is known under this number',
        'Check the number. This person may not use the health record yet.',
      ],
      'request-unknown': ['This request waits for no answer any more', 'It was withdrawn or answered already.'],
      'store-closed': ['This browser keeps nothing', 'You may be in a private window. Open a normal one.'],
      'store-damaged': ['What this device kept is damaged', 'It cannot open your record any more. Ask for help.'],
      'home-missing': ['This device does not know your record yet', 'Go back to the first page.'],
      'sign-in-again': [
        'It has to be sure that it is you',
        'Leave your record, open it again, and start over at once.',
      ],
      'contact-new': [
        'The address or telephone of your codes is too new',
        'It changed less than 24 hours ago. To be safe, wait until tomorrow to change what opens your record.',
      ],
      'contact-malformed': [
        'This address or number is not complete',
        'An address looks like name@example.org, a number like +33 6 12 34 56 78.',
      ],
      'code-purpose': ['That is the code of the other letter', 'Take the letter that this screen asks for.'],
      'pairing-over': ['Nobody let this device in', 'The square is good for ten minutes. Start over to get another.'],
      'pairing-unknown': [
        'This square is of no use any more',
        'It serves once, for ten minutes. Show another on the new device.',
      ],
      'pairing-malformed': ['That is not the square of a new device', 'Scan it again, or copy the whole text.'],
      'pairing-key': [
        'That is not the device before you',
        'The host sent the key of another device. We opened nothing. Tell the help service of the health record.',
      ],
      'slot-missing': [
        'This device does not open your record any more',
        'It was taken away, from another device or by a new secret code. Touch “I cannot open my record” to add it again.',
      ],
      'slot-unknown': [
        'The list of devices is not the right one',
        'The host shows other devices than yours. We stopped. Tell the help service of the health record.',
      ],
      'device-unknown': ['That device is taken away already', 'Go back to the list of your devices.'],
      'compartment-name': ['That name will not do', 'Take a short name, without the sign “=”.'],
      'compartment-exists': ['You have a category of that name already', 'Choose another name.'],
      'quorum-missing': [
        'The witnesses are late',
        'Without their signature the copy would prove nothing. Try again in some minutes.',
      ],
      'state-not-last': ['Something has just changed', 'Your record changed while it was copied. Start over.'],
      busy: ['There are many people at once', 'Wait a minute and try again.'],
      'clock-skew': [
        'The clock of your device is not right',
        'Set date and time automatically in the settings, then try again.',
      ],
    },
  },
}

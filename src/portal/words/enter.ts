/** Words of the first screen and of signing in. */

export const fr = {
  welcome: {
    title: 'Bienvenue',
    lead: 'Votre dossier médical ne s’ouvre que sur un appareil que vous avez choisi. Cet appareil ne le connaît pas encore.',
    question: 'Où en êtes-vous ?',
    first: 'J’ai reçu ma première lettre',
    firstText: 'Ouvrir mon dossier avec le code d’ouverture',
    second: 'J’ai reçu ma deuxième lettre',
    secondText: 'Activer mon dossier avec le code d’activation',
    existing: 'J’ai déjà un dossier',
    existingText: 'L’ouvrir aussi sur cet appareil',
    openedTitle: 'Votre dossier est ouvert',
    openedLead:
      'Une deuxième lettre vous arrive par la poste. Avec elle et votre kit de secours, vous pourrez l’activer.',
    resumeTitle: 'L’ouverture de votre dossier n’est pas terminée',
    resumeLead:
      'Elle a été envoyée, mais la réponse ne nous est pas parvenue. Nous pouvons l’envoyer de nouveau, sans rien refaire.',
    resume: 'Terminer l’ouverture',
  },
  signIn: {
    title: 'Ouvrir mon dossier',
    secretCode: 'Votre code secret',
    secretHint:
      'Celui que vous avez choisi. Il ne quitte pas cet appareil ; personne ne peut vous le redonner ni vous le demander.',
    send: 'Continuer',
    busy: 'Vérification du code… cela peut prendre quelques secondes',
    passwordTitle: 'Quel code avez-vous reçu ?',
    passwordLead: (sentTo: string) =>
      `Nous venons d’envoyer un code de 8 chiffres à ${sentTo}. Il est valable cinq minutes.`,
    passwordQueued: (sentTo: string) =>
      `Un code de 8 chiffres part vers ${sentTo}. La messagerie est lente : il peut mettre quelques minutes.`,
    password: 'Code reçu (8 chiffres)',
    passwordSend: 'Ouvrir mon dossier',
    passwordBusy: 'Ouverture et vérification du dossier…',
    wrongPassword:
      'Ce code n’était pas le bon, ou il était trop vieux. Touchez « Continuer » : nous vous en enverrons un autre.',
    passwordAgain: 'Ce n’est pas le bon code. Regardez le message le plus récent et retapez les 8 chiffres.',
    passwordNone:
      'Rien reçu ? Regardez dans les courriels indésirables, ou revenez en arrière et touchez « Continuer » pour en recevoir un autre.',
    passwordNoneSms:
      'Rien reçu ? Regardez si votre téléphone a du réseau, ou revenez en arrière et touchez « Continuer » pour en recevoir un autre.',
    help: 'Je n’arrive pas à ouvrir mon dossier',
  },
}

export const en: typeof fr = {
  welcome: {
    title: 'Welcome',
    lead: 'Your health record opens only on a device that you have chosen. This device does not know it yet.',
    question: 'Where are you?',
    first: 'I have received my first letter',
    firstText: 'Open my record with the opening code',
    second: 'I have received my second letter',
    secondText: 'Activate my record with the activation code',
    existing: 'I already have a record',
    existingText: 'Open it on this device too',
    openedTitle: 'Your record is open',
    openedLead: 'A second letter is coming by post. With it and your recovery kit you can activate the record.',
    resumeTitle: 'The opening of your record is not finished',
    resumeLead: 'It was sent, but the answer did not reach us. We can send it again; you have nothing to redo.',
    resume: 'Finish the opening',
  },
  signIn: {
    title: 'Open my record',
    secretCode: 'Your secret code',
    secretHint: 'The one you chose. It does not leave this device; nobody can give it to you again or ask you for it.',
    send: 'Continue',
    busy: 'Checking the code… this may take some seconds',
    passwordTitle: 'Which code did you receive?',
    passwordLead: (sentTo: string) => `We have just sent an 8-digit code to ${sentTo}. It is valid for five minutes.`,
    passwordQueued: (sentTo: string) =>
      `An 8-digit code is on its way to ${sentTo}. The mail server is slow: it may take some minutes.`,
    password: 'Code received (8 digits)',
    passwordSend: 'Open my record',
    passwordBusy: 'Opening and checking the record…',
    wrongPassword: 'That code was not the right one, or too old. Touch “Continue”: we shall send you another.',
    passwordAgain: 'That is not the right code. Look at the most recent message and type the 8 digits again.',
    passwordNone: 'Nothing received? Look among unwanted mail, or go back and touch “Continue” to receive another.',
    passwordNoneSms:
      'Nothing received? See whether your telephone has a network, or go back and touch “Continue” to receive another.',
    help: 'I cannot open my record',
  },
}

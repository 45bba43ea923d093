/** Words of what stands around every screen. */

export const fr = {
  frame: {
    name: 'Mon dossier médical',
    skip: 'Aller au contenu',
    settings: 'Affichage',
    textSize: 'Taille du texte',
    sizes: { normal: 'Normale', large: 'Grande', larger: 'Très grande' },
    language: 'Langue',
    signOut: 'Quitter mon dossier',
    home: 'Accueil',
    back: 'Retour',
    again: 'Réessayer',
    next: 'Continuer',
    cancel: 'Annuler',
    wait: 'Un instant…',
    showCode: 'Afficher ce que je tape',
    errorCode: 'À indiquer si vous demandez de l’aide :',
    footer: 'Vos documents s’ouvrent sur cet appareil. L’hébergeur qui les garde ne peut pas les lire.',
    tooOldTitle: 'Ce navigateur est trop ancien',
    tooOld:
      'Il ne sait pas ouvrir votre dossier en sécurité. Mettez à jour votre téléphone ou votre ordinateur, ou essayez avec un appareil plus récent.',
  },
  idle: {
    title: 'Êtes-vous toujours là ?',
    text: (seconds: number) =>
      `Pour protéger votre dossier, il se ferme après cinq minutes sans activité. Il va se fermer dans ${seconds} secondes.`,
    stay: 'Oui, je continue',
  },
  ended: {
    idleTitle: 'Votre dossier s’est refermé',
    idle: 'Il se ferme tout seul après cinq minutes sans activité, pour que personne d’autre ne puisse le lire. Rien n’est perdu.',
    outTitle: 'Vous avez quitté votre dossier',
    out: 'Il est bien fermé sur cet appareil. Sur un appareil partagé, fermez aussi cette page.',
    again: 'Rouvrir mon dossier',
  },
  untrusted: {
    question: 'Comment savoir d’où vient le problème ?',
    steps: [
      'Touchez le lien ci-dessous : il ouvre l’adresse de l’hébergeur dans un autre onglet.',
      'Si une page avec « ok » s’affiche, la connexion marche de nouveau : revenez ici et réessayez.',
      'Si rien ne s’affiche, l’hébergeur est en panne ou votre connexion est coupée : réessayez plus tard.',
      'Si le navigateur vous avertit d’un danger, il ne reconnaît pas l’hébergeur. Vérifiez d’abord la date et l’heure de votre appareil. Si l’avertissement reste, mettez à jour votre navigateur, ou demandez de l’aide à la personne qui s’occupe de votre appareil : il faut peut-être y ajouter l’autorité de l’hébergeur.',
    ],
    link: 'Ouvrir',
    never:
      'Ne forcez jamais le passage dans cet avertissement avec un vrai dossier : quelqu’un pourrait se faire passer pour l’hébergeur.',
  },
  kinds: {
    synthesis: 'Synthèse médicale',
    reports: 'Comptes rendus et courriers',
    laboratory: 'Analyses',
    imaging: 'Radios et images',
    treatments: 'Ordonnances et traitements',
    care: 'Soins',
    vaccination: 'Vaccins',
    certificates: 'Certificats',
    masked: 'Documents masqués',
  } as Record<string, string>,
  home: {
    title: 'Que voulez-vous faire ?',
    documents: 'Lire mes documents',
    documentsText: 'Comptes rendus, analyses, radios, ordonnances',
  },
}

export const en: typeof fr = {
  frame: {
    name: 'My health record',
    skip: 'Go to the content',
    settings: 'Display',
    textSize: 'Text size',
    sizes: { normal: 'Normal', large: 'Large', larger: 'Very large' },
    language: 'Language',
    signOut: 'Leave my record',
    home: 'Home',
    back: 'Back',
    again: 'Try again',
    next: 'Continue',
    cancel: 'Cancel',
    wait: 'One moment…',
    showCode: 'Show what I type',
    errorCode: 'To quote if you ask for help:',
    footer: 'Your documents open on this device. The host that keeps them cannot read them.',
    tooOldTitle: 'This browser is too old',
    tooOld: 'It cannot open your record safely. Update your telephone or computer, or try with a more recent device.',
  },
  idle: {
    title: 'Are you still there?',
    text: (seconds: number) =>
      `To protect your record, it closes after five minutes without activity. It will close in ${seconds} seconds.`,
    stay: 'Yes, I go on',
  },
  ended: {
    idleTitle: 'Your record has closed',
    idle: 'It closes by itself after five minutes without activity, so that nobody else can read it. Nothing is lost.',
    outTitle: 'You have left your record',
    out: 'It is closed on this device. On a shared device, close this page too.',
    again: 'Open my record again',
  },
  untrusted: {
    question: 'How do I find out where the problem is?',
    steps: [
      'Touch the link below: it opens the host’s address in another tab.',
      'If a page with “ok” appears, the connection works again: come back here and try again.',
      'If nothing appears, the host is down or your connection is cut: try again later.',
      'If the browser warns you of a danger, it does not recognise the host. First check the date and time of your device. If the warning stays, update your browser, or ask the person who looks after your device: the host’s authority may have to be added to it.',
    ],
    link: 'Open',
    never: 'Never force your way through that warning with a real record: somebody could be posing as the host.',
  },
  kinds: {
    synthesis: 'Medical summary',
    reports: 'Reports and letters',
    laboratory: 'Laboratory results',
    imaging: 'X-rays and images',
    treatments: 'Prescriptions and treatments',
    care: 'Care',
    vaccination: 'Vaccinations',
    certificates: 'Certificates',
    masked: 'Masked documents',
  },
  home: {
    title: 'What would you like to do?',
    documents: 'Read my documents',
    documentsText: 'Reports, results, X-rays, prescriptions',
  },
}

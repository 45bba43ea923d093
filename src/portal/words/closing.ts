/** Words of closing the record. */

export const fr = {
  closing: {
    title: 'Fermer mon dossier ?',
    lead: 'Vous pouvez fermer votre dossier quand vous voulez, sans donner de raison. Voici ce qui se passe.',
    nowTitle: 'Tout de suite',
    now: (grants: number) => [
      grants === 0
        ? 'Personne d’autre que vous n’a d’accès, et personne ne pourra plus en demander.'
        : grants === 1
          ? 'L’accès que vous avez donné est retiré, et personne ne pourra plus en demander.'
          : `Les ${grants} accès que vous avez donnés sont retirés, et personne ne pourra plus en demander.`,
      'Plus aucun document ne pourra y être déposé.',
      'Vous, vous pourrez encore l’ouvrir, lire et emporter vos documents.',
    ],
    laterTitle: 'Plus tard',
    later: [
      'L’hébergeur garde le dossier fermé dix ans, comme la loi le demande. Il ne peut toujours pas le lire.',
      'Ensuite il est détruit, les clés d’abord : personne ne pourra le retrouver, vous non plus.',
      'Jusque-là, vous pouvez changer d’avis et le rouvrir ici, avec votre code secret.',
    ],
    exportTitle: 'Gardez d’abord une copie',
    exportText: 'Une copie de tous vos documents et de l’historique reste à vous, quoi qu’il arrive.',
    hasRead: 'J’ai lu ce qui se passe et je veux fermer mon dossier',
    send: 'Fermer mon dossier',
    busy: 'Nous retirons les accès et fermons le dossier…',
    closedTitle: 'Votre dossier est fermé',
    destroyedOn: (day: string) => `Il sera détruit le ${day}, sauf si vous le rouvrez avant.`,
    until: [
      'Personne d’autre que vous n’y a accès.',
      'Vous pouvez encore lire et emporter vos documents.',
      'Gardez votre code secret et votre kit de secours : sans eux, vous ne pourriez pas le rouvrir.',
    ],
    more: 'Voir ou rouvrir',
    undo: 'Rouvrir mon dossier fermé',
    undoText: 'Les accès retirés ne reviennent pas : vous les donnerez de nouveau à qui vous voulez.',
    openTitle: 'Votre dossier est rouvert',
    openLead: 'Il ne sera pas détruit. Personne n’y a encore accès, à part vous.',
    openNext: 'Choisir qui peut le voir',
  },
}

export const en: typeof fr = {
  closing: {
    title: 'Close my record?',
    lead: 'You can close your record whenever you like, without giving a reason. This is what happens.',
    nowTitle: 'At once',
    now: (grants: number) => [
      grants === 0
        ? 'Nobody but you has access, and nobody can ask for it any more.'
        : grants === 1
          ? 'The access that you gave is taken back, and nobody can ask for it any more.'
          : `The ${grants} accesses that you gave are taken back, and nobody can ask for one any more.`,
      'No document can be deposited any more.',
      'You can still open it, read, and take your documents along.',
    ],
    laterTitle: 'Later',
    later: [
      'The host keeps the closed record for ten years, as the law asks. It still cannot read it.',
      'Then it is destroyed, keys first: nobody can bring it back, nor can you.',
      'Until then you can change your mind and open it again here, with your secret code.',
    ],
    exportTitle: 'Keep a copy first',
    exportText: 'A copy of all your documents and of the history stays yours, whatever happens.',
    hasRead: 'I have read what happens and want to close my record',
    send: 'Close my record',
    busy: 'Taking access back and closing the record…',
    closedTitle: 'Your record is closed',
    destroyedOn: (day: string) => `It will be destroyed on ${day}, unless you open it again before.`,
    until: [
      'Nobody but you has access.',
      'You can still read your documents and take them along.',
      'Keep your secret code and your recovery kit: without them you could not open it again.',
    ],
    more: 'See, or open again',
    undo: 'Open my closed record again',
    undoText: 'Accesses that were taken back do not return: give them anew to whom you want.',
    openTitle: 'Your record is open again',
    openLead: 'It will not be destroyed. Nobody has access yet but you.',
    openNext: 'Choose who can see it',
  },
}

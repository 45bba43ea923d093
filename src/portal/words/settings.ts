/** Words of what is done seldom: where messages go, own compartments, taking the record along. */

export const fr = {
  settings: {
    title: 'Mes appareils et mes réglages',
    back: 'Réglages',
    devices: 'Mes appareils',
    devicesText: 'Ce qui peut ouvrir votre dossier ; ajouter ou retirer un appareil',
    notices: 'Être prévenu par courriel',
    noticesText: 'Recevoir un message quand quelqu’un consulte votre dossier',
    contact: 'Recevoir mes codes ailleurs',
    contactText: 'Changer d’adresse de courriel ou de téléphone',
    compartments: 'Mes propres catégories',
    compartmentsText: 'Ranger à part ce que vous ne voulez montrer qu’à certains',
    export: 'Emporter mon dossier',
    exportText: 'Une copie de tous vos documents et de l’historique',
    closing: 'Fermer mon dossier',
    closingText: 'Ne plus laisser entrer personne ; on peut revenir en arrière',
  },
  contact: {
    title: 'Où voulez-vous recevoir vos codes ?',
    lead: 'Les codes pour ouvrir votre dossier y arriveront, et les messages aussi.',
    rules: [
      'Nous y envoyons d’abord un code, pour être sûrs que c’est à vous.',
      'L’adresse ou le téléphone d’avant est prévenu. Pendant 24 heures, les codes arrivent aux deux.',
      'Pendant ces 24 heures, vous ne pourrez ni ajouter ni retirer d’appareil.',
    ],
    passwordSend: 'Recevoir mes codes ici',
    busy: 'Nous faisons le changement…',
    doneTitle: 'C’est changé',
    doneLead:
      'Les codes arrivent au nouvel endroit. L’ancien les reçoit aussi jusqu’à demain, et peut reprendre sa place si ce n’était pas vous.',
  },
  contactField: {
    how: 'Comment ?',
    kinds: { mail: 'Par courriel', telephone: 'Par SMS, sur un téléphone portable' },
    labels: { mail: 'Adresse de courriel', telephone: 'Numéro de téléphone portable' },
    newLabels: { mail: 'Nouvelle adresse de courriel', telephone: 'Nouveau numéro de téléphone portable' },
    telephoneHint: 'Par exemple 06 12 34 56 78. D’un autre pays : avec + et son indicatif.',
  },
  compartments: {
    title: 'Mes propres catégories',
    lead: 'Pour ranger à part des documents que seules certaines personnes doivent voir. La plupart des gens n’en ont pas besoin.',
    none: 'Vous n’en avez pas.',
    newTitle: 'En ajouter une',
    name: 'Son nom',
    nameHint: 'Par exemple : Psychiatrie. L’hébergeur ne voit pas ce nom.',
    send: 'Ajouter cette catégorie',
    busy: 'Nous l’ajoutons…',
    made: (name: string) => `« ${name} » est ajoutée. Personne d’autre que vous n’y a accès.`,
    after: 'Ensuite, ouvrez un document pour l’y ranger, ou l’accès d’une personne pour l’y laisser entrer.',
    move: 'Ranger ailleurs',
    moveTitle: 'Où ranger ce document ?',
    moveLead: 'Seules les personnes qui ont accès à cette catégorie le verront encore.',
    moveSend: 'Ranger ici',
    moveBusy: 'Nous rangeons le document…',
    moved: 'Le document est rangé.',
  },
  exporting: {
    title: 'Emporter mon dossier',
    lead: 'La copie est faite sur cet appareil, à partir de documents ouverts et vérifiés ici.',
    careTitle: 'Cette copie n’est pas protégée',
    care: 'Toute personne qui a le fichier peut tout lire, y compris les documents masqués. Ne le faites pas sur un appareil partagé ; gardez-le en lieu sûr ou effacez-le après usage.',
    documents: 'Tous mes documents',
    documentsText:
      'Un fichier ZIP avec chaque document, et une liste que d’autres logiciels de santé savent lire (FHIR).',
    documentsStart: 'Préparer la copie de mes documents',
    documentsMade: (count: number) =>
      count === 1 ? 'La copie est prête : 1 document.' : `La copie est prête : ${count} documents.`,
    left: (count: number) =>
      count === 1
        ? '1 document n’a pas passé nos vérifications : il n’est pas dans la copie.'
        : `${count} documents n’ont pas passé nos vérifications : ils ne sont pas dans la copie.`,
    trace: 'L’historique, avec ses preuves',
    traceText:
      'Un fichier ZIP avec tout ce qui s’est passé et les preuves, que n’importe quel expert peut vérifier sans faire confiance à personne. Il ne contient aucun document, mais il dit qui vous soigne.',
    traceStart: 'Préparer la copie de l’historique',
    traceMade: 'La copie est prête.',
    making: 'Nous préparons la copie… vous pouvez laisser cette page ouverte.',
    progress: (done: number, total: number) => `Nous préparons la copie… ${done} documents sur ${total}`,
    save: 'Enregistrer la copie',
  },
}

export const en: typeof fr = {
  settings: {
    title: 'My devices and settings',
    back: 'Settings',
    devices: 'My devices',
    devicesText: 'What can open your record; add or take away a device',
    notices: 'Be told by e-mail',
    noticesText: 'Receive a message when somebody looks at your record',
    contact: 'Receive my codes elsewhere',
    contactText: 'Change the e-mail address or the telephone',
    compartments: 'My own categories',
    compartmentsText: 'Keep apart what you want to show to some people only',
    export: 'Take my record along',
    exportText: 'A copy of all your documents and of the history',
    closing: 'Close my record',
    closingText: 'Let nobody in any more; it can be undone',
  },
  contact: {
    title: 'Where do you want to receive your codes?',
    lead: 'The codes that open your record will arrive there, and the messages too.',
    rules: [
      'We first send a code there, to be sure that it is yours.',
      'The address or telephone before is told. For 24 hours the codes arrive at both.',
      'During those 24 hours you can neither add nor take away a device.',
    ],
    passwordSend: 'Receive my codes here',
    busy: 'Making the change…',
    doneTitle: 'It is changed',
    doneLead:
      'Codes arrive at the new place. The one before receives them too until tomorrow, and can take its place back if it was not you.',
  },
  contactField: {
    how: 'How?',
    kinds: { mail: 'By e-mail', telephone: 'By SMS, on a mobile telephone' },
    labels: { mail: 'E-mail address', telephone: 'Mobile telephone number' },
    newLabels: { mail: 'New e-mail address', telephone: 'New mobile telephone number' },
    telephoneHint: 'With + and the country: +33 6 12 34 56 78. A French number may go without.',
  },
  compartments: {
    title: 'My own categories',
    lead: 'To keep apart documents that only some people should see. Most people do not need them.',
    none: 'You have none.',
    newTitle: 'Add one',
    name: 'Its name',
    nameHint: 'For example: Psychiatry. The host does not see this name.',
    send: 'Add this category',
    busy: 'Adding it…',
    made: (name: string) => `“${name}” is added. Nobody but you has access to it.`,
    after: 'Then open a document to put it there, or somebody’s access to let that person in.',
    move: 'Put it elsewhere',
    moveTitle: 'Where should this document go?',
    moveLead: 'Only people who have access to that category will still see it.',
    moveSend: 'Put it here',
    moveBusy: 'Moving the document…',
    moved: 'The document is moved.',
  },
  exporting: {
    title: 'Take my record along',
    lead: 'The copy is made on this device, of documents that are opened and checked here.',
    careTitle: 'This copy is not protected',
    care: 'Anybody who has the file can read everything, masked documents too. Do not make it on a shared device; keep it in a safe place or delete it after use.',
    documents: 'All my documents',
    documentsText: 'A ZIP file with each document, and a list that other health software can read (FHIR).',
    documentsStart: 'Prepare the copy of my documents',
    documentsMade: (count: number) =>
      count === 1 ? 'The copy is ready: 1 document.' : `The copy is ready: ${count} documents.`,
    left: (count: number) =>
      count === 1
        ? '1 document did not pass our checks: it is not in the copy.'
        : `${count} documents did not pass our checks: they are not in the copy.`,
    trace: 'The history, with its proofs',
    traceText:
      'A ZIP file with all that happened and the proofs, which any expert can check without trusting anybody. No document is in it, but it tells who treats you.',
    traceStart: 'Prepare the copy of the history',
    traceMade: 'The copy is ready.',
    making: 'Preparing the copy… you can leave this page open.',
    progress: (done: number, total: number) => `Preparing the copy… ${done} documents of ${total}`,
    save: 'Save the copy',
  },
}

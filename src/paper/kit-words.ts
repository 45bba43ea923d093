/** What the recovery kit says, in plain words; French is the first sheet, English the second. */

/** The words of the kit in one language. */
export interface KitWords {
  readonly lang: string
  readonly title: string
  readonly lead: string
  readonly secretLabel: string
  readonly insLabel: string
  readonly fingerprintLabel: string
  readonly madeOn: string
  readonly qrAlt: string
  readonly sections: readonly { readonly title: string; readonly texts: readonly string[] }[]
  readonly footer: string
}

const day = (date: Date, lang: string) =>
  new Intl.DateTimeFormat(lang, { dateStyle: 'long', timeZone: 'Europe/Paris' }).format(date)

/** French, Republic's numbers and dates. */
export const french = (createdAt: Date): KitWords => ({
  lang: 'fr-FR',
  title: 'Kit de secours de votre dossier médical',
  lead:
    'Cette feuille est la clé de réserve de votre dossier. Elle permet de le rouvrir si vous perdez votre ' +
    'téléphone ou votre ordinateur. Personne d’autre n’en a de copie : ni votre assurance, ni l’hébergeur, ni nous.',
  secretLabel: 'Votre clé de secours',
  insLabel: 'Votre numéro INS',
  fingerprintLabel: 'Empreinte de votre identité (pour vérifier, ce n’est pas un secret)',
  madeOn: `Kit fait le ${day(createdAt, 'fr-FR')}`,
  qrAlt: 'Carré à scanner : il contient la même clé de secours que le texte à côté',
  sections: [
    {
      title: 'Où la garder',
      texts: [
        'Sur papier, chez vous, avec vos papiers importants : livret de famille, acte de propriété. Vous pouvez en ' +
          'confier une seconde copie, sous enveloppe fermée, à une personne de toute confiance.',
        'Ne la photographiez pas, ne l’envoyez pas par message et ne la gardez pas à côté de votre code secret.',
      ],
    },
    {
      title: 'Quand vous en servir',
      texts: [
        'Pour ouvrir votre dossier sur un nouvel appareil, ou si vous avez oublié votre code secret. Vous seul la ' +
          'tapez, sur la page de votre dossier. Personne ne doit vous la demander : ni au téléphone, ni par message.',
      ],
    },
    {
      title: 'Ce que vous perdez sans elle',
      texts: [
        'Si vous perdez ce kit et tous vos appareils, personne ne peut rouvrir votre dossier pour vous : ni votre ' +
          'assurance, ni l’hébergeur, ni nous. Vos médecins gardent l’accès que vous leur avez donné, pas plus.',
        'Eux non plus ne pourront pas ouvrir ce que vous avez caché : les documents que vous avez masqués seront perdus ' +
          'pour toujours.',
      ],
    },
  ],
  footer: 'An English version is on the next sheet.',
})

/** English, for patients who read it more easily. */
export const english = (createdAt: Date): KitWords => ({
  lang: 'en-GB',
  title: 'Recovery kit of your health record',
  lead:
    'The first sheet is the spare key of your record. It opens the record again if you lose your telephone or ' +
    'computer. Nobody else has a copy: neither your insurer, nor the host, nor we.',
  secretLabel: 'Your recovery key',
  insLabel: 'Your INS number',
  fingerprintLabel: 'Fingerprint of your identity (to compare; not a secret)',
  madeOn: `Kit made on ${day(createdAt, 'en-GB')}`,
  qrAlt: 'Square to scan: it holds the same recovery key as the text beside it',
  sections: [
    {
      title: 'Where to keep it',
      texts: [
        'On paper, at home, with your important papers. You may give a second copy, in a closed envelope, to someone ' +
          'you trust entirely.',
        'Do not photograph it, do not send it in a message, and do not keep it next to your secret code.',
      ],
    },
    {
      title: 'When to use it',
      texts: [
        'To open your record on a new device, or when you have forgotten your secret code. Only you type it, on the ' +
          'page of your record. Nobody should ever ask you for it, neither by telephone nor by message.',
      ],
    },
    {
      title: 'What you lose without it',
      texts: [
        'If you lose this kit and all your devices, nobody can open your record for you: neither your insurer, nor the ' +
          'host, nor we. Your doctors keep the access that you gave them, and no more.',
        'They cannot open what you have hidden either: the documents that you have masked are lost for ever.',
      ],
    },
  ],
  footer: 'The key itself is printed once, on the first sheet.',
})

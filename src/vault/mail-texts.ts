/**
 * What the host writes to patients: French, then English. Not a word says what kind of service this is, to whom the mail
 * goes, or what happened: whoever reads over a shoulder or at a mail provider learns that somebody has an account.
 * No link either: who follows links in such mail is easily led elsewhere.
 */

export interface MailText {
  readonly subject: string
  readonly text: string
}

/** Of what a notice speaks: somebody else's act, or a change of who can get in. */
export type NoticeKind = 'access' | 'change'

export function passwordMail(password: string): MailText {
  return {
    subject: 'Votre code à usage unique / Your one-time code',
    text: [
      `Votre code à usage unique : ${password}`,
      '',
      'Il est valable 5 minutes et ne sert qu’une fois. Ne le donnez à personne : nul ne vous le demandera.',
      'Si vous n’avez rien demandé, ignorez ce message.',
      '',
      '– – –',
      '',
      `Your one-time code: ${password}`,
      '',
      'It is valid for 5 minutes and works once. Give it to nobody: nobody will ask you for it.',
      'If you did not ask for it, ignore this message.',
      '',
    ].join('\n'),
  }
}

/** A notice. What happened, when and by whom is shown after signing in, with its proof. */
export function noticeMail(kind: NoticeKind): MailText {
  const [what, inEnglish] = {
    access: ['Il y a eu une activité dans votre espace.', 'There was activity in your space.'],
    change: ['Un réglage important de votre espace a changé.', 'An important setting of your space was changed.'],
  }[kind]
  return {
    subject: 'Du nouveau dans votre espace / News in your space',
    text: [
      `${what} Connectez-vous comme d’habitude pour voir le détail.`,
      '',
      'Ce message ne contient volontairement ni lien ni détail, et n’appelle aucune réponse.',
      'Si vous ne reconnaissez pas ce que vous y trouvez, vous pourrez l’annuler une fois connecté.',
      '',
      '– – –',
      '',
      `${inEnglish} Sign in as usual to see the details.`,
      '',
      'This message holds neither link nor detail, on purpose, and asks for no answer.',
      'If you do not recognise what you find there, you can undo it once signed in.',
      '',
    ].join('\n'),
  }
}

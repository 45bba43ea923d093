/** What the insurer's two letters say; their layout is `src/paper`. */
import type { MailedCode } from '../crypto/codes.ts'
import type { Letter, LetterWords } from '../paper/letter.ts'
import { printable } from '../paper/printable.ts'
import type { Ins } from '../protocol/ids.ts'
import { formatIns } from '../protocol/ins.ts'
import type { Registration } from '../protocol/statements.ts'
import { ListError, type Recipient } from './certified-list.ts'

/** Who sends, and where the person goes. Printed on every letter. */
export interface Sender {
  /** Name, then address: 1 to 5 lines. */
  readonly lines: readonly string[]
  readonly place: string
  /** A telephone number or desk at which a person answers. */
  readonly help: string
  /** The address of the patients' pages, as people type it. */
  readonly portal: string
}

/** What goes into one letter. */
export interface LetterOptions {
  readonly recipient: Recipient
  readonly sender: Sender
  readonly purpose: Registration['purpose']
  readonly code: MailedCode
  readonly ins: Ins
  readonly expiresAt: Date
  readonly now: Date
}

/** What the square on a letter holds: the kind of code first, so that the pages tell a wrong letter at once. */
export function codeQr(purpose: Registration['purpose'], code: MailedCode): string {
  return `coffre-code:1:${purpose}:${code.replaceAll('-', '')}`
}

/**
 * The letter's content. Throws `ListError` `recipient-unprintable` when name or address hold letters that the letters'
 * font does not have: a person must see to this one.
 */
export function mailedLetter(options: LetterOptions): Letter {
  const { recipient, sender, purpose, code, ins, now } = options
  const words = purpose === 'opening' ? openingWords : activationWords
  const lines = [`${recipient.givenNames} ${recipient.name}`, ...recipient.address]
  return {
    recipient: lines.map(line => {
      const text = printable(line)
      if (text !== null) return text
      throw new ListError('Name or address hold letters that cannot be printed; write them in Latin letters', {
        code: 'recipient-unprintable',
      })
    }),
    sender: sender.lines,
    dateLine: `${sender.place === '' ? 'Le' : `${sender.place}, le`} ${day(now, 'fr-FR')}`,
    code,
    qr: codeQr(purpose, code),
    ins: formatIns(ins),
    words: [words.french(options), words.english(options)],
    createdAt: now,
  }
}

/** A telephone number stays on one line. */
function unbroken(text: string): string {
  return text.replaceAll(/(?<=\d) (?=\d)/g, '\u00a0')
}

function day(date: Date, lang: string): string {
  return new Intl.DateTimeFormat(lang, { dateStyle: 'long', timeZone: 'Europe/Paris' }).format(date)
}

const sharedFrench = ({ expiresAt, sender }: LetterOptions) => ({
  lang: 'fr-FR',
  insLabel: 'Votre numéro INS :',
  validity: `À utiliser une seule fois, avant le ${day(expiresAt, 'fr-FR')}.`,
  warningTitle: 'Ce code est à vous seul',
  warnings: [
    'Ne le donnez à personne, ni au téléphone, ni par message : personne ne vous le demandera jamais.',
    `Si l’enveloppe était déjà ouverte, n’utilisez pas ce code et appelez-nous : ${unbroken(sender.help)}.`,
  ],
  footer: 'An English version is on the next sheet.',
})

const sharedEnglish = ({ expiresAt, sender }: LetterOptions) => ({
  lang: 'en-GB',
  codeLabel: 'Your code',
  insLabel: 'Your INS number:',
  validity: `The code on the first sheet works once, before ${day(expiresAt, 'en-GB')}.`,
  qrAlt: '',
  warningTitle: 'This code is yours alone',
  warnings: [
    'Give it to nobody, neither by telephone nor by message: nobody will ever ask you for it.',
    `If the envelope had been opened before, do not use the code and call us: ${unbroken(sender.help)}.`,
  ],
  footer: 'The code itself is printed once, on the first sheet.',
})

type Words = Readonly<Record<'french' | 'english', (options: LetterOptions) => LetterWords>>

const openingWords: Words = {
  french: options => ({
    ...sharedFrench(options),
    title: 'Votre dossier médical est prêt à être ouvert',
    opening: [
      'Bonjour,',
      'Un dossier médical vous attend. Vous seul décidez qui peut le lire : même la société qui le garde ne peut pas ' +
        'lire ce qu’il contient. Pour l’ouvrir, il vous faut le code du cadre.',
    ],
    codeLabel: 'Votre code d’ouverture',
    qrAlt: 'Carré à scanner : il contient le même code d’ouverture que le texte à côté',
    steps: [
      `Allez sur ${options.sender.portal} et choisissez « Ouvrir mon dossier ».`,
      'Tapez votre numéro INS puis ce code, ou scannez le carré.',
      'Imprimez le kit de secours qui vous sera montré, et gardez-le chez vous.',
      'Vous recevrez ensuite une seconde lettre, avec un second code, pour finir.',
    ],
  }),
  english: options => ({
    ...sharedEnglish(options),
    title: 'Your health record is ready to be opened',
    opening: [
      'A health record is waiting for you. You alone decide who may read it: even the company that keeps it cannot ' +
        'read what it holds. To open it you need the code on the first sheet.',
    ],
    steps: [
      `Go to ${options.sender.portal} and choose “Open my record”.`,
      'Type your INS number and the code, or scan the square.',
      'Print the recovery kit that you are shown, and keep it at home.',
      'You will then get a second letter, with a second code, to finish.',
    ],
  }),
}

const activationWords: Words = {
  french: options => ({
    ...sharedFrench(options),
    title: 'Activez votre dossier médical',
    opening: [
      'Bonjour,',
      'Votre dossier médical a été ouvert. Il reste à l’activer, avec le code du cadre. Si ce n’est pas vous qui ' +
        `l’avez ouvert, n’utilisez pas ce code et appelez-nous tout de suite : ${unbroken(options.sender.help)}.`,
    ],
    codeLabel: 'Votre code d’activation',
    qrAlt: 'Carré à scanner : il contient le même code d’activation que le texte à côté',
    steps: [
      `Allez sur ${options.sender.portal} et choisissez « Activer mon dossier ».`,
      'Tapez votre numéro INS puis ce code, ou scannez le carré. Ayez votre kit de secours près de vous.',
      'Choisissez un code secret, que vous seul connaîtrez.',
      'Donnez l’adresse de courrier électronique où recevoir vos codes à usage unique.',
    ],
  }),
  english: options => ({
    ...sharedEnglish(options),
    title: 'Activate your health record',
    opening: [
      'Your health record has been opened. What remains is to activate it with the code on the first sheet. If it was ' +
        `not you who opened it, do not use the code and call us at once: ${unbroken(options.sender.help)}.`,
    ],
    steps: [
      `Go to ${options.sender.portal} and choose “Activate my record”.`,
      'Type your INS number and the code, or scan the square. Have your recovery kit at hand.',
      'Choose a secret code that you alone will know.',
      'Give the mail address at which you want your one-time codes.',
    ],
  }),
}

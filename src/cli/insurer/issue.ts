import { createReadStream, existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadAnchors } from '../../client/anchors-file.ts'
import { StepError, VerificationError } from '../../client/errors.ts'
import { Host } from '../../client/http.ts'
import { equal } from '../../crypto/bytes.ts'
import { CoffreError } from '../../crypto/errors.ts'
import { SigningKey } from '../../crypto/sign.ts'
import { PERSON_COLUMNS, personLine } from '../../ins/certified-list.ts'
import { readCsv } from '../../ins/csv.ts'
import { type CheckedOpening, Insurer, type IssuedLetter } from '../../ins/insurer.ts'
import { Ledger } from '../../ins/insurer-ledger.ts'
import type { Sender } from '../../ins/letter.ts'
import { readKeyFile } from '../../ins/secret-file.ts'
import type { Anchors } from '../../protocol/anchors.ts'
import type { Ins } from '../../protocol/ids.ts'
import { formatIns, parseIns } from '../../protocol/ins.ts'
import {
  type Arguments,
  type Command,
  flag,
  type Io,
  listOption,
  requiredOption,
  textOption,
  UsageError,
} from '../command.ts'
import { counted } from '../counted.ts'
import { EXIT } from '../exit-codes.ts'

/** What `coffre insurer issue` answers. */
export interface IssuedLetters {
  readonly purpose: 'opening' | 'activation'
  readonly letters: readonly IssuedLetter[]
  /** Lines for which no letter was made, and why. */
  readonly refused: readonly { readonly line: number; readonly code: string; readonly message: string }[]
  /** Openings that the host told of since the last time and that hold. */
  readonly opened: number
  /** Openings that do not hold. */
  readonly refusedOpenings: readonly {
    readonly registration: string
    readonly code: string
    readonly message: string
  }[]
  /** Registrations that the host acknowledged now. */
  readonly sent: number
  /** Letters in the folder that belong to no registration. */
  readonly stray: readonly string[]
}

export const command: Command = {
  name: 'insurer issue',
  summary: 'make a mailed code, its registration and its letter',
  help: `
Makes the letters that let people open their record (--purpose opening) and, once they have, activate it
(--purpose activation). Each letter carries a code that is written nowhere else; the host gets a registration, signed
by the insurer, of the code's public key. Print the letters, mail them, delete the files.

An activation letter is made only for a person whose opening the host told of and which holds: signed by the code of
the first letter. So one stolen envelope is never both barriers. Running a command again makes no second letter and
sends again what the host has not acknowledged; --again replaces a lost letter.

The list is what “ins derive” wrote: columns ins, name, given_names, address_1 to address_5.

  coffre insurer issue --purpose opening --anchors anchors.json --key insurer.key --ledger ledger.jsonl \\
      --list ins.csv --out letters --from "Caisse d’assurance maladie" --phone "36 46"
  coffre insurer issue --purpose activation …                       the same options
  coffre insurer issue --purpose opening --ins "12345 67890 …" --again …    one lost letter
  coffre insurer issue --purpose opening --offline registrations.jsonl …    for a host that imports files
`,
  options: {
    purpose: { type: 'string', value: 'opening|activation', required: true, description: 'which letter' },
    anchors: { type: 'string', value: 'FILE', required: true, description: 'the deployment’s anchors' },
    key: { type: 'string', value: 'FILE', required: true, description: 'the insurer’s signing key, mode 0600' },
    ledger: { type: 'string', value: 'FILE', required: true, description: 'the insurer’s ledger; made when not there' },
    list: { type: 'string', value: 'CSV', required: true, description: 'persons with their INS and address' },
    out: { type: 'string', value: 'DIR', required: true, description: 'where letters are written (mode 0700)' },
    ins: { type: 'string', value: 'INS', description: 'only this person of the list' },
    again: { type: 'boolean', description: 'with --ins: replace a letter that still holds' },
    offline: { type: 'string', value: 'FILE', description: 'write registrations to a file, do not speak to the host' },
    from: { type: 'string', value: 'LINE', multiple: true, description: 'sender’s name, then address lines' },
    place: { type: 'string', value: 'TOWN', description: 'place in the date line' },
    phone: { type: 'string', value: 'NUMBER', description: 'where a person answers the patient’s call' },
    portal: { type: 'string', value: 'ADDRESS', description: 'the patients’ pages, as typed (default: the host’s)' },
  },
  exitCode(result) {
    return (result as IssuedLetters).refusedOpenings.length > 0 ? EXIT.verification : EXIT.ok
  },
  async run(args, io): Promise<IssuedLetters> {
    const purpose = requiredOption(args, 'purpose')
    if (purpose !== 'opening' && purpose !== 'activation') {
      throw new UsageError('--purpose is opening or activation')
    }
    const list = requiredOption(args, 'list')
    if (!existsSync(list)) throw new StepError(`${list} is not there: run “ins derive” first`, { code: 'list-missing' })
    const only = textOption(args, 'ins')
    const again = flag(args, 'again')
    if (again && only === undefined) throw new UsageError('--again replaces one letter: say whose with --ins')
    const offline = textOption(args, 'offline')
    if (offline !== undefined && purpose === 'activation') {
      throw new UsageError('Activation letters wait for openings that the host tells of: leave --offline out')
    }
    const { anchors, insurerKey } = await loadAnchors(requiredOption(args, 'anchors'))
    const key = SigningKey.fromSeed(readKeyFile(requiredOption(args, 'key')))
    if (!equal(key.verifyKey.bytes, insurerKey.bytes)) {
      throw new VerificationError('This is not the insurer’s key that the anchors name; nothing was made', {
        code: 'insurer-key',
      })
    }
    const letters = requiredOption(args, 'out')
    await mkdir(letters, { recursive: true, mode: 0o700 })
    const ledger = Ledger.open(requiredOption(args, 'ledger'), anchors.deployment)
    const sender = senderOf(args, anchors)
    const host = new Host({ anchors, listener: 'patients', clock: io.clock })
    try {
      const insurer = new Insurer({ ledger, key, deployment: anchors.deployment, sender, letters, clock: io.clock })
      const openings = purpose === 'activation' ? await insurer.receiveOpenings(host) : []
      tellOpenings(openings, io)
      const wanted = wantedPersons(insurer, { purpose, again, ...(only === undefined ? {} : { only: parseIns(only) }) })
      const made = await makeLetters(insurer, { list, purpose, again, wanted, single: only !== undefined }, io)
      const sent = offline === undefined ? (await insurer.send(host)).length : await writeUnsent(insurer, offline)
      if (made.letters.some(letter => letter.made)) {
        io.print(`${counted(made.letters.filter(letter => letter.made).length, `${purpose} letter`)} → ${letters}`)
      } else if (made.letters.length + made.refused.length === 0) {
        io.print(`No letter to make: nobody opened a record since the last ${purpose} letters`)
      }
      if (sent > 0)
        io.print(`${counted(sent, 'registration')} ${offline === undefined ? 'taken by the host' : `→ ${offline}`}`)
      const stray = insurer.strayLetters()
      for (const name of stray) io.print(`${join(letters, name)} belongs to no registration: destroy it`)
      const refusedOpenings = openings.flatMap(opening =>
        'refusal' in opening
          ? [{ registration: opening.registration, code: opening.refusal.code, message: opening.refusal.message }]
          : [],
      )
      return { purpose, ...made, opened: openings.length - refusedOpenings.length, refusedOpenings, sent, stray }
    } finally {
      ledger.close()
      await host.close()
    }
  },
}

function senderOf(args: Arguments, anchors: Anchors): Sender {
  const lines = listOption(args, 'from')
  return {
    lines: lines.length > 0 ? lines : [anchors.name],
    place: textOption(args, 'place') ?? '',
    help: textOption(args, 'phone') ?? 'le numéro au dos de votre carte',
    portal: textOption(args, 'portal') ?? new URL(anchors.urls.patients).host,
  }
}

type Wanted = (ins: Ins) => boolean

/** For activation without `--ins`: who has opened and was not written to yet. */
function wantedPersons(
  insurer: Insurer,
  { purpose, only }: { purpose: IssuedLetters['purpose']; again: boolean; only?: Ins },
): Wanted {
  if (only !== undefined) return ins => ins === only
  if (purpose === 'opening') return () => true
  const waiting = new Set(insurer.awaitingActivation())
  return ins => waiting.has(ins)
}

interface Making {
  readonly list: string
  readonly purpose: IssuedLetters['purpose']
  readonly again: boolean
  readonly wanted: Wanted
  /** Only one person was asked for. */
  readonly single: boolean
}

async function makeLetters(insurer: Insurer, { list, purpose, again, wanted, single }: Making, io: Io) {
  const letters: IssuedLetter[] = []
  const refused: { line: number; code: string; message: string }[] = []
  for await (const record of readCsv(createReadStream(list), { required: PERSON_COLUMNS })) {
    let isWanted = false
    try {
      const person = personLine(record)
      isWanted = wanted(person.ins)
      if (!isWanted) continue
      const letter = await insurer.issue(person, { purpose, again })
      letters.push(letter)
      const verb = letter.made ? 'letter made' : 'letter there already'
      io.print(`INS ${formatIns(letter.ins)}: ${verb}, ${letter.letter}, good until ${letter.expiresAt.slice(0, 10)}`)
    } catch (error) {
      // Asked for one person, the answer is that person's; in a list, the others go on.
      if (!CoffreError.is(error) || (single && isWanted)) throw error
      refused.push({ line: record.line, code: error.code, message: error.message })
      io.print(`line ${record.line}: no letter: ${error.message} (${error.code})`)
    }
  }
  if (single && letters.length === 0) {
    throw new StepError('This INS is not in the list: derive it first, or give the list that holds it', {
      code: 'ins-not-listed',
    })
  }
  return { letters, refused }
}

function tellOpenings(openings: readonly CheckedOpening[], io: Io): void {
  for (const opening of openings) {
    if ('refusal' in opening) io.print(`an opening does NOT hold: ${opening.refusal.message} (${opening.refusal.code})`)
    else io.print(`INS ${formatIns(opening.ins)}: record opened, checked`)
  }
}

/** One registration a line, for a host that imports files. They count as unsent until the host says otherwise. */
async function writeUnsent(insurer: Insurer, path: string): Promise<number> {
  const unsent = insurer.unsent()
  await writeFile(path, unsent.map(entry => `${JSON.stringify(entry.import)}\n`).join(''), { mode: 0o600 })
  return unsent.length
}

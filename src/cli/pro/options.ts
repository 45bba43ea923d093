/** What all `pro` commands share: the workstation's folder, the card and its PIN, the person who acts. */
import { readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Card } from '../../client/cards/card.ts'
import { readSoftwareCard, type SoftwareCardFiles } from '../../client/cards/software-card.ts'
import { instant } from '../../client/clock.ts'
import { StepError } from '../../client/errors.ts'
import { type Access, openAccess } from '../../client/professional/access.ts'
import { Connection } from '../../client/professional/connection.ts'
import { readWorkstation, Workstation } from '../../client/professional/workstation.ts'
import { ActingPerson } from '../../protocol/entry.ts'
import { type Ins, RecordId } from '../../protocol/ids.ts'
import { parseIns } from '../../protocol/ins.ts'
import { type Arguments, type Io, type OptionSpec, textOption, UsageError } from '../command.ts'

export const WORKSTATION_OPTIONS = {
  home: { type: 'string', value: 'DIR', description: 'the workstation’s folder (or COFFRE_HOME)' },
  card: {
    type: 'string',
    value: 'FILE',
    description: 'the card’s certificates (PEM), or its folder; remembered at enrolment',
  },
  'card-key': {
    type: 'string',
    value: 'FILE',
    description: 'the card’s encrypted key; card.key.pem beside the certificates unless given',
  },
  'pin-file': { type: 'string', value: 'FILE', description: 'file with the card’s PIN; asked for otherwise' },
  'acting-id': { type: 'string', value: 'ID', description: 'establishments: who acts, by the establishment’s own id' },
  'acting-name': { type: 'string', value: 'NAME', description: 'establishments: that person’s name' },
  'acting-role': { type: 'string', value: 'ROLE', description: 'establishments: that person’s role (Infirmier, …)' },
  'acting-auth': {
    type: 'string',
    value: 'METHOD',
    description: 'establishments: how that person signed in there (workstation unless given)',
  },
} as const satisfies Record<string, OptionSpec>

export const PATIENT_OPTIONS = {
  ins: { type: 'string', value: 'INS', description: 'the patient’s INS, 22 digits' },
  record: { type: 'string', value: 'ID', description: 'the record’s id, instead of the INS' },
} as const satisfies Record<string, OptionSpec>

/** The workstation's folder. Throws `UsageError`. */
export function homeOf(args: Arguments): string {
  const home = textOption(args, 'home') ?? process.env.COFFRE_HOME
  if (home === undefined || home === '') throw new UsageError('--home is missing (the workstation’s folder)')
  return resolve(home)
}

/** Where the card's files lie, as the options say; `null` without `--card`. */
export async function cardFilesOf(args: Arguments): Promise<SoftwareCardFiles | null> {
  const card = textOption(args, 'card')
  if (card === undefined) return null
  const isFolder = await stat(card).then(
    found => found.isDirectory(),
    () => false,
  )
  const certificate = resolve(isFolder ? join(card, 'card.pem') : card)
  const key = textOption(args, 'card-key') ?? certificate.replace(/(?:\.pem)?$/, '.key.pem')
  return { certificate, key: resolve(key) }
}

/** Opens the card: PIN from its file, else asked for. Throws as `readSoftwareCard`, and `UsageError` `pin-missing`. */
export async function openCard(args: Arguments, io: Io, files: SoftwareCardFiles): Promise<Card> {
  return await readSoftwareCard(files, await pinOf(args, io))
}

async function pinOf(args: Arguments, io: Io): Promise<string> {
  const file = textOption(args, 'pin-file')
  if (file !== undefined) {
    try {
      return (await readFile(file, 'utf8')).trim()
    } catch (cause) {
      throw new StepError(`The PIN file ${file} cannot be read`, { code: 'pin-missing', cause })
    }
  }
  if (io.ask !== undefined) return await io.ask('PIN of the card:', { hidden: true })
  throw new UsageError('The card’s PIN is missing: give --pin-file', { code: 'pin-missing' })
}

/** Opens the workstation with its card. Throws `StepError` `not-enrolled`, `card-missing`; as `Workstation.open`. */
export async function openWorkstation(args: Arguments, io: Io): Promise<Workstation> {
  const home = homeOf(args)
  const { cardFiles } = await readWorkstation(home)
  const files = (await cardFilesOf(args)) ?? cardFiles
  if (files === null) throw new StepError('Name the card with --card', { code: 'card-missing' })
  return await Workstation.open({ home, card: await openCard(args, io, files), clock: io.clock })
}

/** The acting person of the options; `undefined` when none is named. Throws `UsageError` when half is. */
export function actingOf(args: Arguments, io: Io): ActingPerson | undefined {
  const id = textOption(args, 'acting-id')
  if (id === undefined) return undefined
  const name = textOption(args, 'acting-name')
  const role = textOption(args, 'acting-role')
  if (name === undefined || role === undefined) {
    throw new UsageError('--acting-id goes with --acting-name and --acting-role')
  }
  return ActingPerson.parse({
    id,
    idSystem: 'urn:oid:1.2.250.1.71.4.2.1',
    name,
    role,
    authMethod: textOption(args, 'acting-auth') ?? 'workstation',
    authTime: instant(io.clock()),
  })
}

/** Opens workstation and connection, runs, closes; prints what a person must be told of the log. */
export async function connected<T>(args: Arguments, io: Io, run: (connection: Connection) => Promise<T>): Promise<T> {
  insOf(args) // a mistyped one is told before the card is asked for
  const workstation = await openWorkstation(args, io)
  const acting = actingOf(args, io)
  const connection = await Connection.open(workstation, acting === undefined ? {} : { acting })
  try {
    for (const warning of connection.warnings) io.print(`Warning: ${warning}`)
    return await run(connection)
  } finally {
    await connection.close()
  }
}

/** The INS of the options, checked by its key. Throws `UsageError`, and `InputError` of `parseIns`. */
export function insOf(args: Arguments): Ins | undefined {
  const text = textOption(args, 'ins')
  return text === undefined ? undefined : parseIns(text)
}

/**
 * Which record: `--record`, or the one this workstation knows under `--ins`.
 * Throws `UsageError`, `StepError` `record-unasked`.
 */
export async function recordOf(args: Arguments, { workstation }: Connection): Promise<RecordId> {
  const record = textOption(args, 'record')
  const ins = insOf(args)
  if (record !== undefined) {
    const parsed = RecordId.safeParse(record)
    if (!parsed.success) throw new UsageError('--record is not a record’s id (22 characters)')
    return parsed.data
  }
  if (ins === undefined) throw new UsageError('Name the patient with --ins, or the record with --record')
  const known = (await workstation.records()).find(each => each.ins === ins)
  if (known !== undefined) return known.recordId
  throw new StepError('This workstation does not know that patient yet: coffre pro request --ins … first', {
    code: 'record-unasked',
  })
}

/** The access to the record that the options name; says what a person must be told of who the patient is. */
export async function accessOf(args: Arguments, io: Io, connection: Connection): Promise<Access> {
  const access = await openAccess(connection, await recordOf(args, connection))
  for (const warning of access.warnings) io.print(`Warning: ${warning}`)
  return access
}

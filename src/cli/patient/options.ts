/** What all `patient` commands share: the home folder, secrets from a prompt or a file, the session. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { StepError } from '../../client/errors.ts'
import type { Credentials, PasswordAsked } from '../../client/patient/authenticate.ts'
import { PatientHome } from '../../client/patient/home.ts'
import { PatientSession } from '../../client/patient/session.ts'
import { DocumentId, type Ins, NationalId } from '../../protocol/ids.ts'
import { parseIns } from '../../protocol/ins.ts'
import type { Contact } from '../../protocol/messages.ts'
import { type Arguments, type Io, type OptionSpec, textOption, UsageError } from '../command.ts'

export const HOME_OPTION = {
  home: { type: 'string', value: 'DIR', description: 'the patient’s folder on this machine (or COFFRE_HOME)' },
} as const satisfies Record<string, OptionSpec>

export const ANCHORS_OPTION = {
  anchors: {
    type: 'string',
    value: 'FILE',
    description: 'the deployment’s anchors; pinned in the folder at first use',
  },
} as const satisfies Record<string, OptionSpec>

export const SECRET_CODE_OPTION = {
  'secret-code-file': { type: 'string', value: 'FILE', description: 'file with the secret code; asked for otherwise' },
} as const satisfies Record<string, OptionSpec>

export const OTP_OPTION = {
  'otp-file': { type: 'string', value: 'FILE', description: 'file with the one-time password; asked for otherwise' },
} as const satisfies Record<string, OptionSpec>

export const CONTACT_OPTIONS = {
  mail: { type: 'string', value: 'ADDRESS', description: 'mail address for one-time passwords and notices' },
  telephone: { type: 'string', value: 'NUMBER', description: 'or a telephone, for SMS: +33612345678' },
} as const satisfies Record<string, OptionSpec>

/** Where messages go: `--mail` or `--telephone`, one of them. Throws `UsageError`. */
export function contactOf(args: Arguments): Contact {
  const [mail, telephone] = [textOption(args, 'mail'), textOption(args, 'telephone')]
  if (mail !== undefined && telephone === undefined) return { kind: 'mail', address: mail }
  if (telephone !== undefined && mail === undefined) return { kind: 'telephone', address: telephone }
  throw new UsageError('Give --mail or --telephone, one of them: where one-time passwords are sent')
}

/** The patient's folder. Throws `UsageError`. */
export function homeOf(args: Arguments): PatientHome {
  const home = textOption(args, 'home') ?? process.env.COFFRE_HOME
  if (home === undefined || home === '') throw new UsageError('--home is missing (the patient’s folder)')
  return new PatientHome(resolve(home))
}

/** The anchors file, where one is offered. */
export function anchorsOf(args: Arguments): { anchors?: string } {
  const anchors = textOption(args, 'anchors')
  return anchors === undefined ? {} : { anchors: resolve(anchors) }
}

/** The INS of the options, checked by its key. Throws as `parseIns`. */
export function insOf(args: Arguments): Ins | undefined {
  const text = textOption(args, 'ins')
  return text === undefined ? undefined : parseIns(text)
}

/**
 * A secret: from the file that `--<name>-file` names, else asked for without echo. Secrets are never taken from the
 * command line itself, which other programs of the machine can read and shells write down.
 * Throws `StepError` `file-missing`, `UsageError` `answer-missing`.
 */
export async function secretOf(args: Arguments, io: Io, { name, question }: { name: string; question: string }) {
  const option = `${name}-file`
  const file = textOption(args, option)
  if (file !== undefined) return (await readText(file)).trim()
  if (io.ask !== undefined) return await io.ask(question, { hidden: true })
  throw new UsageError(`Nobody can be asked here: give --${option}`, { code: 'answer-missing' })
}

/**
 * How the one-time password is asked for: it stands in the file that `--otp-file` names, or a person tells it, who is asked
 * again after a wrong one. Throws as `secretOf`.
 */
export function passwordBy(args: Arguments, io: Io): Omit<Credentials, 'secretCode'> {
  return {
    oneTimePassword: asked => oneTimePassword(args, io, asked),
    canAskAgain: io.ask !== undefined && textOption(args, 'otp-file') === undefined,
  }
}

async function oneTimePassword(args: Arguments, io: Io, { sentTo, delivery, isAgain }: PasswordAsked): Promise<string> {
  const file = textOption(args, 'otp-file')
  if (file !== undefined) return (await readText(file)).trim()
  if (isAgain) io.print('That is not the one that was sent, or it is too old. Look at the message again.')
  else if (delivery === 'sent') io.print(`A one-time password was sent to ${sentTo}; it is good for five minutes.`)
  else {
    io.print(`A one-time password is on its way to ${sentTo}; the gateway does not take it yet, and is tried again.`)
  }
  if (io.ask !== undefined) return await io.ask('One-time password:')
  throw new UsageError('Nobody can be asked here: give --otp-file', { code: 'answer-missing' })
}

/** Text of a file that an option names. Throws `StepError` `file-missing`. */
export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new StepError(`${file} cannot be read`, { code: 'file-missing', cause })
  }
}

/** A national id from the first positional. Throws `UsageError`. */
export function holderOf(args: Arguments): NationalId {
  const id = NationalId.safeParse(args.positionals[0])
  if (id.success) return id.data
  throw new UsageError('That is not a national id (8 and RPPS, 1 and FINESS …)')
}

/** A document's id from the first positional. Throws `UsageError`. */
export function documentOf(args: Arguments): DocumentId {
  const id = DocumentId.safeParse(args.positionals[0])
  if (id.success) return id.data
  throw new UsageError('That is not a document’s id (22 characters); coffre patient list shows them')
}

/** Resumes the session, runs, closes connections. Throws `StepError` `not-signed-in`, `home-missing`. */
export async function signedIn<T>(args: Arguments, io: Io, run: (session: PatientSession) => Promise<T>): Promise<T> {
  const session = await PatientSession.resume(homeOf(args), { clock: io.clock })
  try {
    return await run(session)
  } finally {
    await session.close()
  }
}

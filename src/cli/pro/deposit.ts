import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { startCrew } from '../../client/document/crew-node.ts'
import { fileContent } from '../../client/document/file-content.ts'
import {
  type Detected,
  detectFormat,
  HEAD_LENGTH,
  kindOfType,
  LOINC,
  typeOfKind,
} from '../../client/document/format.ts'
import { InputError, StepError } from '../../client/errors.ts'
import { depositDocument } from '../../client/professional/deposit.ts'
import type { Workstation } from '../../client/professional/workstation.ts'
import { DocumentId } from '../../protocol/ids.ts'
import type { Manifest } from '../../protocol/record.ts'
import { type Arguments, type Command, flag, textOption, UsageError } from '../command.ts'
import { amount } from '../progress.ts'
import { accessOf, actingOf, connected, PATIENT_OPTIONS, WORKSTATION_OPTIONS } from './options.ts'

export const command: Command = {
  name: 'pro deposit',
  summary: 'deposit a document into a record',
  help: `
Encrypts a file on this machine, signs it with your working key and deposits it into the patient's record. The host
sees neither content nor title. You need a grant with the right to deposit into the compartment.

The format is recognised by its first bytes: PDF, CDA, JPEG, PNG, TIFF, DICOM, RTF, plain text. A CDA says its title,
type and date itself. The compartment (--kind) follows from the type when that is a usual one, and the type from the
kind: reports, laboratory, imaging, treatments, synthesis, care, vaccination, certificates.

Large files are sent in parts of 8 MiB. The host's receipt is kept in the workstation's folder and checked against the
log at the next connection.

Examples:
  coffre pro deposit report.pdf --home ws/leroy --ins 1234567890123456789012 --kind reports --title "Consultation"
  coffre pro deposit scan.dcm --home ws/leroy --record Xq3…A --type 18748-4 --title "Scanner thoracique"
  coffre pro deposit result.xml --home ws/val --ins 1234567890123456789012 \\
    --acting-id 11223 --acting-name "Paul ROUX" --acting-role Infirmier
`,
  positionals: [{ name: 'FILE', description: 'what to deposit', required: true }],
  options: {
    ...WORKSTATION_OPTIONS,
    ...PATIENT_OPTIONS,
    kind: {
      type: 'string',
      value: 'KIND',
      description: 'the compartment: imaging, laboratory, … or the patient’s own',
    },
    title: { type: 'string', value: 'TEXT', description: 'title (a CDA’s own unless given)' },
    type: {
      type: 'string',
      value: 'CODE',
      description: 'type of document, a LOINC code unless --type-system says else',
    },
    'type-system': { type: 'string', value: 'OID', description: 'code system of --type' },
    date: { type: 'string', value: 'DATE', description: 'of the act documented, 2026-11-24 (today unless given)' },
    'practice-setting': { type: 'string', value: 'CODE', description: 'practice setting (register J04)' },
    replaces: { type: 'string', value: 'ID', description: 'the document of yours that this one corrects' },
    'patient-disagrees': { type: 'boolean', description: 'the patient did not agree to this deposit' },
    'not-discussed': { type: 'boolean', description: 'its content was not yet discussed with the patient' },
  },
  async run(args, io) {
    const path = args.positionals[0] as string
    const { head, size } = await readHead(path)
    const detected = detectFormat(head)
    return await connected(args, io, async connection => {
      const access = await accessOf(args, io, connection)
      const acting = actingOf(args, io)
      const author = acting?.name ?? connection.workstation.file.name
      const role = acting?.role ?? roleOf(connection.workstation)
      const manifest = manifestOf(args, { detected, size, path, author, role, now: io.clock() })
      const replaces = replacedBy(args)
      using crew = startCrew(size)
      const done = await depositDocument(connection, {
        access,
        compartment: manifest.kind,
        manifest,
        content: () => fileContent(path),
        ...(crew && { work: crew }),
        progress: (sent, total) => io.progress('Depositing', sent, total),
        ...(replaces === undefined ? {} : { replaces }),
      })
      io.print(`Deposited "${manifest.title}" (${detected.format.name}, ${amount(size)}) into ${done.compartment}.`)
      io.print(`Document ${done.documentId}; receipt kept.`)
      return { ...done, title: manifest.title, type: manifest.type, mimeType: manifest.mimeType, size }
    })
  },
}

interface ManifestParts {
  readonly detected: Detected
  readonly size: number
  readonly path: string
  readonly author: string
  readonly role: string
  readonly now: Date
}

/** What the options say, else what a CDA's header says, else what follows from the rest. */
function manifestOf(args: Arguments, { detected, size, path, author, role, now }: ManifestParts): Manifest {
  const { format, cda } = detected
  const title = textOption(args, 'title') ?? cda?.title
  if (!title) throw new InputError('The document has no title of its own: give --title', { code: 'title-missing' })
  const given = textOption(args, 'type')
  const system = textOption(args, 'type-system') ?? LOINC
  const fromCda = given === undefined ? cda?.type : undefined
  const kindGiven = textOption(args, 'kind')
  const code = given ?? fromCda?.code ?? (kindGiven === undefined ? null : typeOfKind(kindGiven))
  if (!code) throw new InputError('Which type of document is it? Give --type, a LOINC code', { code: 'type-unknown' })
  const kind = kindGiven ?? kindOfType(code)
  if (kind === null) {
    throw new InputError(`The type ${code} does not say which compartment: give --kind`, { code: 'kind-unknown' })
  }
  const practiceSetting = textOption(args, 'practice-setting')
  return {
    title: title.slice(0, 256),
    type: { code, system: fromCda?.system ?? system },
    kind,
    ...(practiceSetting === undefined ? {} : { practiceSetting }),
    mimeType: format.mimeType,
    size,
    fileName: basename(path).slice(0, 255),
    date: textOption(args, 'date') ?? cda?.date ?? now.toISOString().slice(0, 10),
    author: { name: author.slice(0, 128), role: role.slice(0, 64) },
    patientAgreed: !flag(args, 'patient-disagrees'),
    discussedWith: !flag(args, 'not-discussed'),
  }
}

function roleOf({ card, file }: Workstation): string {
  return card.holder.kind === 'professional' ? card.holder.profession : file.kind
}

function replacedBy(args: Arguments): DocumentId | undefined {
  const text = textOption(args, 'replaces')
  if (text === undefined) return undefined
  const parsed = DocumentId.safeParse(text)
  if (parsed.success) return parsed.data
  throw new UsageError('--replaces is not a document’s id (22 characters)')
}

async function readHead(path: string): Promise<{ head: Uint8Array; size: number }> {
  try {
    const file = await open(path, 'r')
    try {
      const { size } = await file.stat()
      const head = new Uint8Array(Math.min(HEAD_LENGTH, size))
      const { bytesRead } = await file.read(head, 0, head.length, 0)
      return { head: head.subarray(0, bytesRead), size }
    } finally {
      await file.close()
    }
  } catch (cause) {
    throw new StepError(`${path} cannot be read; check the name`, { code: 'file-missing', cause })
  }
}

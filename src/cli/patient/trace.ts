import { readTrace, type Trace, type TraceLine } from '../../client/patient/trace.ts'
import { exportTrace } from '../../client/patient/trace-export.ts'
import { type Command, textOption } from '../command.ts'
import { HOME_OPTION, signedIn } from './options.ts'
import { writeTrace } from './trace-folder.ts'

const DEEDS: Readonly<Record<string, string>> = {
  'record.open': 'opened the record',
  'account.activate': 'activated the record',
  'session.start': 'signed in',
  'session.end': 'signed out',
  'session.fail': 'failed to sign in',
  'grant.give': 'gave access',
  'grant.revoke': 'took access back',
  'compartment.roll': 'changed the keys of compartments',
  'record.close': 'closed the record',
  'record.reopen': 'opened the record again',
  'record.destroy': 'destroyed the record',
  'document.mask': 'masked a document',
  'document.unmask': 'unmasked a document',
  'document.move': 'moved a document',
  'document.withdraw': 'withdrew a document of theirs',
  'compartment.add': 'made a compartment',
  'device.add': 'added a device',
  'device.remove': 'took a device away',
  'contact.change': 'changed the contact',
  'access.block': 'blocked somebody',
  'access.unblock': 'ended a block',
  'document.list': 'listed the documents',
  'document.read': 'read a document',
  'document.deposit': 'deposited a document',
  'document.refused': 'refused a document that failed its checks',
  'access.request': 'asked for access',
  'access.view': 'tried to look into the record',
  'access.deny': 'denied access',
  'notices.set': 'chose whether accesses are told by mail',
}

export const command: Command = {
  name: 'patient trace',
  summary: 'show who did what, checked locally',
  help: `
Shows everything that was ever asked of your record, and checks it on this machine: that nothing is missing or altered
since your first entry, that all of it stands in the public log which independent witnesses cosign, that every change is
yours, that everybody else's act is signed by who is said to have done it, under access that you had given.

What does not hold is marked; the exit code is then 4.

With --export the trace is also written into a new folder: every entry with its proof, the checkpoint with the witnesses'
signatures, the keys and statements needed. Anybody who has the anchors checks it offline (coffre patient verify-trace),
or by hand. It holds no document, title, INS or key; it tells who treated you.

Examples:
  coffre patient trace --home ~/dmp
  coffre patient trace --home ~/dmp --export ~/my-trace
`,
  options: {
    ...HOME_OPTION,
    export: { type: 'string', value: 'FOLDER', description: 'write the trace with its proofs into this new folder' },
  },
  exitCode: result => ((result as Trace).problems.length > 0 ? 4 : 0),
  async run(args, io) {
    return await signedIn(args, io, async session => {
      const trace = await readTrace(session)
      for (const line of trace.lines) {
        io.print(inWords(line))
        for (const problem of line.problems) io.print(`      !! ${problem}`)
      }
      const { treeSize, witnesses, witnessedAt, problems, warnings, lines } = trace
      io.print(
        problems.length === 0
          ? `All ${lines.length} entries hold: an unbroken chain, each in the public log of ${treeSize} entries,`
          : `${problems.length} problems in ${lines.length} entries; keep this output and tell the data-protection officer.`,
      )
      if (problems.length === 0) {
        io.print(
          `cosigned by ${witnesses.join(', ') || 'no witness'}${witnessedAt === null ? '' : ` at ${witnessedAt}`}.`,
        )
      }
      for (const warning of warnings) io.print(`Warning: ${warning}`)
      const folder = textOption(args, 'export')
      if (folder === undefined) return trace
      const files = await writeTrace(folder, exportTrace(session))
      io.print(`Exported: ${files} files in ${folder}; check them with coffre patient verify-trace ${folder}`)
      return { ...trace, exported: { folder, files } }
    })
  },
}

/** A line of the trace as a person reads it. */
export function inWords({ n, t, who, actor, action, object, outcome, erased }: TraceLine): string {
  if (erased !== null) {
    const on = new Date(erased.t).toLocaleDateString('fr-FR', { timeZone: 'Europe/Paris' })
    return `${String(n).padStart(5)}  Ce qui a été fait ici a été effacé le ${on}, sur l’ordre de ${erased.authority} (${erased.basis}).`
  }
  const subject = actor.kind === 'patient' ? 'you' : who
  const what = typeof object.document === 'string' ? ` ${object.document}` : ''
  const refused = outcome === 'refused' ? ` - REFUSED (${object.reason ?? 'no reason given'})` : ''
  return `${String(n).padStart(5)}  ${t}  ${subject}: ${DEEDS[action] ?? action}${what}${refused}`
}

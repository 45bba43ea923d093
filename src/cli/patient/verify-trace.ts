import { loadAnchors } from '../../client/anchors-file.ts'
import { clockFor } from '../../client/clock.ts'
import { type VerifiedTrace, verifyTraceExport } from '../../client/patient/trace-verify.ts'
import { type Command, requiredOption, UsageError } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { inWords } from './trace.ts'
import { traceFolder } from './trace-folder.ts'

export const command: Command = {
  name: 'patient verify-trace',
  summary: 'check an exported trace offline',
  help: `
Checks a folder that “coffre patient trace --export” wrote, on any machine and without a network: that its entries are one
unbroken chain from the record's opening, that each stands in a log that witnesses cosigned, that each act is signed by who
is said to have done it, with a card that was valid then, under access that the patient had given.

Needs the anchors alone, which must come from the programme: neither the host nor whoever hands over the folder is believed.
What came after the export is not in it.

Examples:
  coffre patient verify-trace ~/my-trace --anchors anchors.json
`,
  options: { anchors: { type: 'string', value: 'FILE', required: true, description: 'what is trusted' } },
  positionals: [{ name: 'FOLDER', description: 'the exported trace', required: true }],
  exitCode: result => ((result as VerifiedTrace).problems.length > 0 ? EXIT.verification : EXIT.ok),
  async run(args, io) {
    const [folder] = args.positionals
    if (folder === undefined) throw new UsageError('Name the folder of the export')
    const trust = await loadAnchors(requiredOption(args, 'anchors'))
    const clock = clockFor(trust.anchors, io.clock)
    const trace = await verifyTraceExport(traceFolder(folder), { trust, clock })
    for (const line of trace.lines) {
      io.print(inWords(line))
      for (const problem of line.problems) io.print(`      !! ${problem}`)
    }
    const { problems, lines, recordId, treeSize, witnessedAt, made } = trace
    io.print(`Record ${recordId}, exported at ${made}`)
    io.print(
      problems.length === 0
        ? `All ${lines.length} entries hold: an unbroken chain, each in the public log of ${treeSize} entries,`
        : `${problems.length} problems in ${lines.length} entries: the export is evidence of them; keep it.`,
    )
    if (problems.length === 0) io.print(`which a quorum of witnesses had cosigned at ${witnessedAt}.`)
    return trace
  },
}

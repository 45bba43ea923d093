import type { Command } from '../command.ts'
import { connected, WORKSTATION_OPTIONS } from './options.ts'

export const command: Command = {
  name: 'pro receipts',
  summary: 'hold the host to its receipts, keep the proofs',
  help: `
For every act the host gives a signed receipt: its promise that the act is in the log within a minute. Each connection
looks up the receipts that are not proved yet. Once an entry stands in a checkpoint that enough witnesses cosigned, its
proof is kept as a file in the workstation's folder, proofs/ENTRY.tlog-proof: with the receipt, it shows to anybody,
offline and for ever, that the act was logged (coffre audit proof). A promise that was broken ends every command with
exit code 4, and the evidence is kept in evidence/.

Examples:
  coffre pro receipts --home ws/leroy
`,
  options: { ...WORKSTATION_OPTIONS },
  async run(args, io) {
    return await connected(args, io, async ({ workstation }) => {
      const { kept, proved } = await workstation.receiptCount()
      const waiting = (await workstation.pendingReceipts()).map(({ entry, action, t }) => ({ entry, action, t }))
      io.print(
        `${kept} receipts kept, ${proved} proved in the witnessed log; the proofs are in ${workstation.home}/proofs.`,
      )
      for (const { entry, action, t } of waiting) io.print(`  waits: ${t}  ${action}  ${entry}`)
      return { kept, proved, waiting }
    })
  },
}

import type { Finding } from '../../log/audit/finding.ts'
import { type Command, flag, textOption } from '../command.ts'
import { writeEvidence } from './evidence.ts'
import { readOptions, storeOf } from './inputs.ts'
import { auditProgress } from './progress.ts'
import { auditStore, threadsOf } from './run.ts'
import { AUDIT_EXIT_HELP, auditExitCode, reportLines } from './verdict.ts'
import { isUrl, verifyLive } from './verify-live.ts'

/** `coffre audit verify`. */
export const command: Command = {
  name: 'audit verify',
  summary: 'check a whole store offline, or what a live log shows',
  help: `Checks everything a host keeps, without asking the host: that each record’s chain is whole, that the entries
are the tree which log and witnesses signed, that every act was asked for by a signed request of who acted, with a card
that was valid then, and that the patient’s grant in force stood behind each read, list and deposit, and behind no
refusal. With the ciphertext at hand it also hashes every stored document again.

It needs the store’s folder (store.sqlite, log/, bodies/) and the anchors, which must come from somebody else than the
host. Nothing is changed; it may run on a live host’s store or on a copy. What one host says alone cannot show that it
says the same to everybody: give the receipts that readers kept (one statement a line) and checkpoints that witnesses
or patients saw, and they are looked for too.

  coffre audit verify STORE --anchors anchors.json
  coffre audit verify STORE --anchors anchors.json --receipts receipts.jsonl --checkpoint seen-in-may.txt
  coffre audit verify https://host.example/log --anchors anchors.json --checkpoint seen-in-may.txt

Of a live log only the tree is public: its checkpoint, witnesses, every bundle and tile, and that it is the tree of the
checkpoints and receipts given. The report says what could not be checked, and the exit code is then never 0.

Exit code 0 only when all holds. Else, by what was found, the lowest of:
${AUDIT_EXIT_HELP}
docs/audit.md explains every finding.`,
  options: {
    anchors: {
      type: 'string',
      value: 'FILE',
      required: true,
      description: 'what is trusted: keys, policy, authorities',
    },
    store: { type: 'string', value: 'FOLDER', description: 'the store, when not given as STORE' },
    'no-bodies': { type: 'boolean', description: 'leave stored documents alone: the log only, much faster' },
    'no-signatures': {
      type: 'boolean',
      description: 'do not verify the signatures of requests: a quick look, which never says HOLDS',
    },
    threads: { type: 'string', value: 'N', description: 'threads that examine entries; as many as cores unless said' },
    state: { type: 'string', value: 'FILE', description: 'keep here how far it came, and go on from there next time' },
    evidence: { type: 'string', value: 'FOLDER', description: 'write one JSON file a finding here, to be published' },
    receipts: { type: 'string', value: 'FILE', multiple: true, description: 'receipts to look for, one a line' },
    checkpoint: { type: 'string', value: 'FILE', multiple: true, description: 'a signed checkpoint seen elsewhere' },
  },
  positionals: [
    { name: 'STORE', description: 'the host’s store folder, or a live log’s URL (the one that ends in /log)' },
  ],
  async run(args, io) {
    const folder = storeOf(args)
    if (isUrl(folder)) return await verifyLive(folder, args, io)
    const state = textOption(args, 'state')
    const from = performance.now()
    const asked = {
      ...readOptions(args),
      now: io.clock(),
      bodies: !flag(args, 'no-bodies'),
      signatures: !flag(args, 'no-signatures'),
      threads: threadsOf(args),
      ...(state !== undefined && { state }),
    }
    const report = await auditStore(folder, asked, auditProgress(io))
    const seconds = (performance.now() - from) / 1000
    for (const line of reportLines(report, { seconds })) io.print(line)
    const evidence = textOption(args, 'evidence')
    if (evidence !== undefined) {
      const files = writeEvidence(evidence, report, { anchors: asked.anchors, made: asked.now })
      io.print('')
      for (const file of files) io.print(`evidence: ${file}`)
    }
    return report
  },
  exitCode(result) {
    const { findings, holds = false } = result as { findings: readonly Finding[]; holds?: boolean }
    return auditExitCode({ findings, holds })
  },
}

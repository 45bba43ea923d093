import { writeFileSync } from 'node:fs'
import { toBase64 } from '../../crypto/bytes.ts'
import type { WitnessAnswer } from '../../log/witness.ts'
import { type Command, flag, requiredOption, textOption } from '../command.ts'
import { readWitnessConfig } from './config.ts'
import { serveWitness } from './server.ts'

/** `coffre witness serve`. */
export const command: Command = {
  name: 'witness serve',
  summary: 'run a witness',
  help: `Runs a witness: for another party than the host to run, on another machine. It remembers the last checkpoint
that it cosigned for each log, in one file, and cosigns only what extends it (C2SP tlog-witness), so that a host cannot
show two different logs to two people, nor cut its log, without being found out.

The configuration file names the witness, where it listens, its two key files (32-byte seeds as base64url, mode 0600),
its state file, and the keys of the logs it serves:

  {"name": "witness.example/w1",
   "listen": {"address": "127.0.0.1", "port": 8451},
   "keys": {"ed25519": "./keys/ed25519.key", "mlDsa44": "./keys/mldsa44.key"},
   "state": "./state.json",
   "logs": [{"keys": ["<vkey>", "<vkey>"]}]}

The first start of a new witness takes --first, which makes its state file. Never use it to replace a lost one: give the
witness a new name and new keys instead.

  coffre witness serve --config witness.json --first
  coffre witness serve --config witness.json`,
  options: {
    config: { type: 'string', value: 'FILE', required: true, description: 'the configuration file' },
    first: { type: 'boolean', description: 'make the state file of a witness that has never signed' },
    evidence: { type: 'string', value: 'FILE', description: 'append what proves that a log signed two trees' },
  },
  async run(args, io) {
    const config = readWitnessConfig(requiredOption(args, 'config'))
    const evidenceFile = textOption(args, 'evidence')
    let cosigned = 0
    let refused = 0
    const witness = await serveWitness({
      ...config,
      createState: flag(args, 'first'),
      clock: () => io.clock(),
      onAnswer({ status, next, evidence }) {
        if (next === undefined) refused++
        else cosigned++
        io.print(
          next === undefined ? `refused a checkpoint (${status})` : `cosigned ${next.origin} at ${next.state.size}`,
        )
        if (evidence !== undefined) io.print(`${evidence.origin} signed two trees that do not fit together`)
        if (evidence !== undefined && evidenceFile !== undefined) keepEvidence(evidenceFile, evidence)
      },
      onError: error => io.print(`failed: ${(error as Error).message}`),
    })
    io.print(`Witness ${config.cosigner.name} on ${witness.url}, for ${config.logs.length} log keys. Ctrl-C ends it.`)
    await new Promise<void>(resolve => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
    })
    await witness.close()
    return { url: witness.url, cosigned, refused }
  },
}

/** One line of JSON: what was cosigned before, and the request that does not fit. Public data. */
function keepEvidence(path: string, evidence: NonNullable<WitnessAnswer['evidence']>): void {
  const { origin, state, request } = evidence
  const line = JSON.stringify({ origin, cosigned: { ...state, root: toBase64(state.root) }, request })
  writeFileSync(path, `${line}\n`, { flag: 'a' })
}

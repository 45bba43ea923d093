/** A workstation talking to the host: every request signed, every receipt checked and kept, the log never behind. */
import { formatSeen, type Seen } from '../../log/seen.ts'
import { ActingPerson, type Action, type EventObject } from '../../protocol/entry.ts'
import type { Signing } from '../document/upload.ts'
import { InputError } from '../errors.ts'
import { Host } from '../http.ts'
import { type LogView, readLog } from '../log-view.ts'
import { checkReceipt } from '../receipts.ts'
import { followPromises } from './promises.ts'
import type { WorkingKeys, Workstation } from './workstation.ts'

/** Who acts, in an establishment, as it vouches. */
export interface ConnectOptions {
  readonly acting?: ActingPerson
}

/** An open connection. Close it at the end of a program. */
export class Connection {
  readonly workstation: Workstation
  readonly keys: WorkingKeys
  /** The professionals' listener, with the card's certificate. */
  readonly host: Host
  /** The listener without certificates: the log, the directory. */
  readonly publicHost: Host
  /** What a person must be told about the log: too few witnesses, too long ago. */
  readonly warnings: readonly string[]
  /** The log as it was when this connection was opened. */
  readonly log: LogView
  readonly #acting: ActingPerson | undefined
  #seen: Seen

  private constructor(
    workstation: Workstation,
    opened: { keys: WorkingKeys; hosts: Hosts; log: LogView; seen: Seen; acting: ActingPerson | undefined },
  ) {
    this.workstation = workstation
    this.keys = opened.keys
    this.host = opened.hosts.professionals
    this.publicHost = opened.hosts.patients
    this.warnings = opened.log.warnings
    this.log = opened.log
    this.#acting = opened.acting
    this.#seen = opened.seen
  }

  /**
   * Connects: checks that the log extends what this workstation saw, and that receipts given before were honoured.
   * `keys`: those to sign with, the published ones unless they are about to be published.
   * Throws `StepError` `not-enrolled`, `InputError` `acting-missing` (establishments name who acts), `ConnectionError`,
   * `VerificationError` `tree-…`, `receipt-not-honoured`.
   */
  static async open(
    workstation: Workstation,
    { acting, keys }: ConnectOptions & { readonly keys?: WorkingKeys } = {},
  ): Promise<Connection> {
    const { kind } = workstation.file
    if (kind === 'establishment' && acting === undefined) {
      throw new InputError(
        'An establishment names the person who acts: give --acting-id, --acting-name, --acting-role',
        {
          code: 'acting-missing',
        },
      )
    }
    const signing = keys ?? (await workstation.workingKeys())
    const hosts = hostsOf(workstation)
    try {
      const { trust, clock } = workstation
      const log = await readLog(hosts.patients, trust, clock, (await workstation.seen()).tree)
      await workstation.keepSeen({ tree: log.tree })
      await followPromises(workstation, hosts.patients, log)
      const seen = await workstation.seen()
      const person = kind === 'establishment' ? ActingPerson.parse(acting) : undefined
      return new Connection(workstation, { keys: signing, hosts, log, seen, acting: person })
    } catch (error) {
      await Promise.all([hosts.patients.close(), hosts.professionals.close()])
      throw error
    }
  }

  /** What goes into every signed request; to be read anew for each, as `coffre-seen` moves with every receipt. */
  get signing(): Signing {
    return {
      signer: { keyId: `key:${this.keys.keyStatement}`, key: this.keys.signKey },
      seen: formatSeen(this.#seen),
      ...(this.#acting === undefined ? {} : { acting: this.#acting }),
    }
  }

  /**
   * Checks a receipt against what was asked, and keeps it. Throws as `checkReceipt`; the receipt is kept all the same,
   * as evidence.
   */
  async receive(text: string, action: Action, object: EventObject): Promise<void> {
    const { file, trust, clock } = this.workstation
    const actor = { kind: file.kind, id: file.nationalId }
    const checking = checkReceipt(text, trust, { action, actor, object, now: clock() })
    try {
      const { payload, event } = await checking
      await this.workstation.keepReceipt({
        receipt: text,
        entry: payload.entryHash,
        action,
        t: event.t,
        integrateBy: payload.integrateBy,
      })
      this.#seen = { tree: this.#seen.tree, receipt: payload.entryHash }
      await this.workstation.keepSeen({ receipt: payload.entryHash })
    } catch (error) {
      await this.workstation.keepEvidence('receipt', { receipt: text, expected: { action, object } })
      throw error
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.host.close(), this.publicHost.close()])
  }
}

interface Hosts {
  readonly patients: Host
  readonly professionals: Host
}

function hostsOf({ trust, card, clock }: Workstation): Hosts {
  const { anchors } = trust
  return {
    patients: new Host({ anchors, listener: 'patients', clock }),
    professionals: new Host({ anchors, listener: 'professionals', tls: card.tls, clock }),
  }
}

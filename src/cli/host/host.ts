/** A running host: vault and listeners, put together from a configuration. */
import { readFileSync } from 'node:fs'
import { CardGate } from '../../api/cards.ts'
import { authoritiesOf, type ListenerName } from '../../api/context.ts'
import { type Listeners, openListeners, requireFreePorts } from '../../api/listeners.ts'
import { type Log, openLog } from '../../api/logging.ts'
import { makeRateTable } from '../../api/rates.ts'
import { openWorkers } from '../../api/workers/pool.ts'
import { sentTrust } from '../../api/workers/sent-trust.ts'
import { CoffreError } from '../../crypto/errors.ts'
import { parsePolicy } from '../../log/policy.ts'
import { openVault, type VaultEvent } from '../../vault/vault.ts'
import { witnessesOf } from '../../vault/witnesses.ts'
import { type HostConfig, readHostKeys, readSecret } from './config.ts'
import { ListFetch } from './list-fetch.ts'
import { LiveFiles } from './live-files.ts'
import { followPortalBuild } from './portal-build.ts'

/** How to start. */
export interface HostOptions {
  readonly config: HostConfig
  readonly clock: () => Date
  /** Ports instead of the configuration's; 0 takes a free one. */
  readonly ports?: Partial<Record<ListenerName, number>>
  /** Standard error unless given. */
  readonly log?: Log
  /** HTTP workers; 0, which is the default, answers in this thread, by `clock` and `log`. */
  readonly workers?: number
}

/** A host that serves. */
export interface RunningHost {
  readonly ports: Readonly<Record<ListenerName, number>>
  readonly treeSize: number
  /** Reads certificate, card authorities and revocation lists again, now. */
  reload(): void
  /** The database was found damaged: no record is served any more; the log and health are. */
  distrust(): void
  /** Takes nothing new, finishes what was accepted, writes `host.stop`, lets go of the files. */
  close(): Promise<void>
}

/**
 * Starts a host. Throws `HostConfigError`, `VaultError`, `LogError`, or `CoffreError` `port-taken`; then nothing of it
 * is left running.
 */
export async function startHost(options: HostOptions): Promise<RunningHost> {
  const { config, clock, ports = {}, log = openLog(), workers = 0 } = options
  const { anchors, listen, mail, sms } = config
  const keys = readHostKeys(config)
  const smtp = {
    host: mail.host,
    port: mail.port,
    from: mail.from,
    ...(mail.user === undefined ? {} : { user: mail.user }),
    ...(mail.passwordFile === undefined ? {} : { password: readSecret(mail.passwordFile).trim() }),
  }
  const smpp = sms && {
    ...sms,
    password: readSecret(sms.passwordFile).trim(),
    authority: sms.authority === null ? undefined : readFileSync(sms.authority, 'utf8'),
  }
  const where = {
    address: listen.address,
    patients: ports.patients ?? listen.patients,
    professionals: ports.professionals ?? listen.professionals,
  }
  // Before the store is touched: a host started twice by mistake must not write into the log of the first.
  await requireFreePorts(where)
  const live = new LiveFiles(config, log)
  const vault = await openVault({
    folder: config.store,
    anchors,
    get cardAuthorities() {
      return live.current.cardAuthorities
    },
    hostKey: keys.hostKey,
    logSigner: keys.log,
    witnesses: witnessesOf(parsePolicy(anchors.policy)),
    crls: () => live.current.crls,
    clock,
    smtp,
    smpp,
    version: version(),
    ...(config.retentionYears !== undefined && { retentionYears: config.retentionYears }),
    room: config.room,
    onEvent: event => report(log, event),
  })
  const lists = new ListFetch({ urls: config.crlUrls, folder: config.crls, clock, log, onFetched: () => live.reload() })
  let unfollow = () => {}
  const running = async (listeners: Listeners): Promise<RunningHost> => {
    live.onChange = () => {
      listeners.renew(live.current)
      vault.operated('trust').catch(error => report(log, { kind: 'housekeeping-failed', error }))
    }
    return {
      ports: listeners.ports,
      treeSize: (await vault.log.health()).treeSize,
      reload: () => live.reload(),
      distrust: vault.store.distrust.bind(vault.store),
      async close() {
        live.stop()
        await lists.stop()
        unfollow()
        vault.events.end()
        await listeners.close()
        await vault.close()
      },
    }
  }
  const rates = makeRateTable()
  try {
    unfollow = await followPortalBuild(config, {
      vault,
      onError: error => log.error({ code: codeOf(error) }, 'hash of the portal’s build not read'),
    })
    if (workers > 0) {
      const settings = {
        listen: where,
        opaqueSetup: keys.opaqueSetup,
        store: config.store,
        portal: config.portal,
        rates,
        withdrawals: vault.withdrawals,
      }
      const pool = await openWorkers(vault, {
        count: workers,
        settings,
        trust: () => sentTrust(live.current),
        onLost: error => log.error({ code: codeOf(error) }, 'worker lost'),
      })
      return await running(pool)
    }
    const context = {
      vault,
      get anchors() {
        return live.current.anchors
      },
      portal: config.portal,
      clock,
      log,
      rates,
      cards: new CardGate({ trust: () => live.current, clock }),
      opaqueSetup: keys.opaqueSetup,
      authorities: authoritiesOf(anchors),
    }
    return await running(await openListeners(context, { tls: live.current.tls, listen: where }))
  } catch (error) {
    live.stop()
    await lists.stop()
    unfollow()
    await vault.close()
    throw error
  }
}

/** What the vault tells its operator: codes and addresses of witnesses, nothing of a patient. */
function report(log: Log, event: VaultEvent): void {
  if (event.kind === 'witness-lag') log.warn({ witness: event.url, why: event.why }, 'witness did not cosign')
  else if (event.kind === 'quorum-short') log.warn('fewer witnesses cosigned than the policy asks')
  else if (event.kind === 'message-failed') log.warn({ code: event.code }, 'message not sent')
  else if (event.kind === 'store-full') log.error('no room for more documents')
  else log.error({ code: codeOf(event.error) }, event.kind)
}

const codeOf = (error: unknown) => (CoffreError.is(error) ? error.code : 'unknown')

/** The version of this program, as its package says. */
function version(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

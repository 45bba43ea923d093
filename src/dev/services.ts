import { join } from 'node:path'
import { isThere, readText } from './files.ts'
import { MailCatcher } from './mail-catcher.ts'
import { RunningService, requireFreePorts } from './processes.ts'
import { SmsCatcher } from './sms-catcher.ts'
import { ensureWorld, portalOrigin, type World } from './world.ts'

/** A world with everything in it running. */
export interface RunningWorld {
  readonly world: World
  readonly mail: MailCatcher
  readonly host: RunningService
  /** Rejects when a part of it ends by itself (`DevError` `process-ended`). */
  readonly ended: Promise<never>
  /** Stops everything, the host first. */
  stop(): Promise<void>
}

/**
 * Makes or finds the world and starts the catchers of mail and SMS, witnesses and host, in this order. Throws `DevError`
 * (`port-taken`, `process-ended`, `not-ready`); what was started by then is stopped.
 */
export async function startWorld(options: Parameters<typeof ensureWorld>[0]): Promise<RunningWorld> {
  await requireFreePorts(options.ports)
  const world = await ensureWorld(options)
  const { layout, ports, anchors } = world
  const stops: (() => Promise<void>)[] = []
  const stop = async (): Promise<void> => {
    for (const one of stops.splice(0).reverse()) await one()
  }
  const run = async (service: Parameters<typeof RunningService.start>[0]): Promise<RunningService> => {
    const running = await RunningService.start(service, layout.logs)
    stops.push(() => running.stop())
    return running
  }
  try {
    const mail = await MailCatcher.start({ folder: layout.mail, port: ports.mail })
    stops.push(() => mail.stop())
    const sms = await SmsCatcher.start({ folder: layout.sms, port: ports.sms, password: readText(layout.smsPassword) })
    stops.push(() => sms.stop())
    const witnesses = await Promise.all(
      layout.witnesses.map((home, i) => {
        const first = isThere(join(home, 'state.json')) ? [] : ['--first']
        return run({
          name: `witness-${i + 1}`,
          words: ['witness', 'serve', '--config', join(home, 'config.json'), ...first],
          url: `http://127.0.0.1:${i === 0 ? ports.witness1 : ports.witness2}/`,
        })
      }),
    )
    const host = await run({
      name: 'host',
      words: ['host', 'serve', '--config', layout.host.config],
      url: `${anchors.urls.patients}/v1/health`,
      authority: readText(join(layout.servers, 'root.pem')),
    })
    const portal = await run({
      name: 'portal',
      words: [
        ...['portal', 'serve', '--anchors', layout.anchors, '--origin', portalOrigin(ports)],
        ...['--hash-file', layout.host.portalBuild],
      ],
      url: `${portalOrigin(ports)}/`,
    })
    const ended = Promise.race([host, portal, ...witnesses].map(service => service.ended))
    ended.catch(() => undefined)
    return { world, mail, host, ended, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

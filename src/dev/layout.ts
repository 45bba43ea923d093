import { join, resolve } from 'node:path'

/** Where the development world listens: all on loopback. */
export interface Ports {
  readonly patients: number
  readonly professionals: number
  readonly witness1: number
  readonly witness2: number
  readonly mail: number
  readonly sms: number
  readonly portal: number
}

/** The option of `npm start` that changes each port. */
export const PORT_OPTIONS: Readonly<Record<keyof Ports, string>> = {
  patients: 'patients-port',
  professionals: 'professionals-port',
  witness1: 'witness-1-port',
  witness2: 'witness-2-port',
  mail: 'mail-port',
  sms: 'sms-port',
  portal: 'portal-port',
}

export const DEFAULT_PORTS: Ports = {
  patients: 8443,
  professionals: 8444,
  witness1: 8451,
  witness2: 8452,
  mail: 8425,
  sms: 8427,
  portal: 8480,
}

/** Every path of the development world below its folder (`data/` by default). */
export interface Layout {
  readonly data: string
  readonly anchors: string
  readonly deployment: string
  /** Ports of the last start: the next one takes them again. */
  readonly ports: string
  readonly marker: string
  readonly authority: { readonly key: string; readonly register: string }
  readonly insurer: {
    readonly folder: string
    readonly key: string
    readonly publicKey: string
    readonly people: string
    readonly ins: string
    readonly ledger: string
    readonly letters: string
  }
  readonly cards: {
    readonly persons: string
    readonly organisations: string
    readonly doctor: string
    readonly otherDoctor: string
    readonly clinic: string
  }
  readonly servers: string
  readonly host: {
    readonly folder: string
    readonly config: string
    readonly keys: string
    readonly certificate: string
    readonly crls: string
    readonly portalBuild: string
    readonly store: string
  }
  readonly witnesses: readonly [string, string]
  readonly mail: string
  /** Caught SMS, and what the gateway calls its customer's password. */
  readonly sms: string
  readonly smsPassword: string
  /** Folders of homes: each home pins a copy of the anchors. */
  readonly homes: readonly [string, string]
  readonly patient: string
  readonly workstations: { readonly doctor: string; readonly otherDoctor: string; readonly clinic: string }
  /** Sample files of the journey, and what it reads back. */
  readonly samples: string
  readonly logs: string
}

/** The paths of the world in a folder. Makes nothing. */
export function layoutOf(folder: string): Layout {
  const data = resolve(folder)
  const at = (...names: string[]) => join(data, ...names)
  return {
    data,
    anchors: at('anchors.json'),
    deployment: at('deployment.id'),
    ports: at('ports.json'),
    marker: at('journey.json'),
    authority: { key: at('authority', 'ins.key'), register: at('authority', 'register.sqlite') },
    insurer: {
      folder: at('insurer'),
      key: at('insurer', 'insurer.key'),
      publicKey: at('insurer', 'insurer.pub'),
      people: at('insurer', 'people.csv'),
      ins: at('insurer', 'ins.csv'),
      ledger: at('insurer', 'ledger.jsonl'),
      letters: at('insurer', 'letters'),
    },
    cards: {
      persons: at('cards', 'authority-persons'),
      organisations: at('cards', 'authority-organisations'),
      doctor: at('cards', 'elodie-marechal'),
      otherDoctor: at('cards', 'hugo-bernier'),
      clinic: at('cards', 'clinique-des-cedres'),
    },
    servers: at('servers'),
    host: {
      folder: at('host'),
      config: at('host', 'config.json'),
      keys: at('host', 'keys'),
      certificate: at('host', 'tls.cert.pem'),
      crls: at('host', 'crls'),
      portalBuild: at('host', 'portal-build'),
      store: at('host', 'store'),
    },
    witnesses: [at('witness-1'), at('witness-2')],
    mail: at('mail'),
    sms: at('sms'),
    smsPassword: at('host', 'keys', 'sms.password'),
    homes: [at('people'), at('workstations')],
    patient: at('people', 'camille-garnier'),
    workstations: {
      doctor: at('workstations', 'elodie-marechal'),
      otherDoctor: at('workstations', 'hugo-bernier'),
      clinic: at('workstations', 'clinique-des-cedres'),
    },
    samples: at('samples'),
    logs: at('logs'),
  }
}

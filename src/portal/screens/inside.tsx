import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { useApp } from '../context.ts'
import { dayOf } from '../dates.ts'
import { Choice } from '../parts/choice.tsx'
import { Notice, TroubleBox, Waiting } from '../parts/notice.tsx'
import { Screen } from '../parts/screen.tsx'
import { useLoaded } from '../parts/use-busy.ts'
import { goTo } from '../places.ts'
import { Access, type LoadedAccess } from './access.tsx'
import { Closing } from './closing.tsx'
import { Compartments } from './compartments.tsx'
import { Contact } from './contact.tsx'
import { Devices } from './devices.tsx'
import { DocumentScreen } from './document.tsx'
import { Documents } from './documents.tsx'
import { Export } from './export.tsx'
import { Answer, Give } from './give.tsx'
import { GrantScreen } from './grant.tsx'
import { HandOver } from './hand-over.tsx'
import { Notices } from './notices.tsx'
import { Recoveries } from './recoveries.tsx'
import { Settings } from './settings.tsx'
import { TraceScreen } from './trace.tsx'
import { Verified } from './verified.tsx'
import { WelcomeDevice } from './welcome-device.tsx'

/** How often it is asked whether somebody waits for an answer, milliseconds; only while that list is on the screen. */
const REQUESTS_EVERY_MS = 15_000

/** Inside a record that is open: the address's `#…` is the place. */
export function Inside({ warnings, onHandedOver }: { readonly warnings: readonly string[]; onHandedOver(): void }) {
  const { link } = useApp()
  const [place, setPlace] = useState(() => location.hash.slice(1))
  const [news, setNews] = useState('')
  const documents = useLoaded(() => link.call('documents', null))
  const access = useLoaded(() => link.call('access', null))
  const recoveries = useLoaded(() => link.call('recoveries', null, { isByItself: true }))
  const list = useRef(() => {})
  list.current = () => {
    if (!documents.busy) documents.reload()
  }
  useEffect(() => {
    let before = location.hash
    const follow = () => {
      setPlace(location.hash.slice(1))
      // From the home screen the list is asked for anew; back from one of its documents it is not, nor logged once more.
      if (location.hash === '#documents' && before.length <= 1) list.current()
      before = location.hash
      if (location.hash !== '#access') setNews('')
    }
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  const titles = useMemo(
    () => new Map(documents.value?.documents.map(({ id, title }) => [id, title] as const) ?? []),
    [documents.value],
  )
  const [name = '', id = ''] = place.split('/')
  useEffect(() => {
    if (name !== 'access' && name !== '') return
    const look = () => void link.call('access', null, { isByItself: true }).then(access.renew, () => undefined)
    if (access.value !== null) look() // somebody may have asked since
    const timer = setInterval(look, REQUESTS_EVERY_MS)
    return () => clearInterval(timer)
  }, [name])
  const onDone = (said: string) => {
    setNews(said)
    access.reload()
    goTo('access')
  }
  switch (name) {
    case 'documents':
      return <Documents loaded={documents} />
    case 'document':
      return <DocumentScreen key={id} id={id} loaded={documents} own={access.value?.own ?? []} />
    case 'access':
      return <Access loaded={access} news={news} />
    case 'give':
      return <Give own={access.value?.own ?? []} onDone={onDone} />
    case 'answer':
    case 'grant':
      return <OneAccess key={place} name={name} id={id} loaded={access} onDone={onDone} />
    case 'trace':
    case 'verified':
      return <History isVerified={name === 'verified'} titles={titles} />
    case 'notices':
      return <Notices />
    case 'settings':
      return <Settings />
    case 'devices':
      return <Devices removing={id} />
    case 'welcome':
      return <WelcomeDevice />
    case 'contact':
      return <Contact />
    case 'compartments':
      return <Compartments loaded={access} />
    case 'export':
      return <Export />
    case 'recoveries':
      return <Recoveries loaded={recoveries} />
    case 'hand-over':
      return <HandOver onHandedOver={onHandedOver} />
    case 'closing':
      return <Closing loaded={access} />
    default:
      return <Home warnings={warnings} access={access.value} isAsked={(recoveries.value?.length ?? 0) > 0} />
  }
}

function OneAccess(props: {
  readonly name: 'answer' | 'grant'
  readonly id: string
  readonly loaded: LoadedAccess
  onDone(news: string): void
}) {
  const { words } = useApp()
  const { name, id, loaded, onDone } = props
  const request = name === 'answer' ? loaded.value?.requests.find(each => each.request === id) : undefined
  const own = loaded.value?.own ?? []
  if (request !== undefined) return <Answer request={request} own={own} onDone={onDone} />
  const grant = name === 'grant' ? loaded.value?.grants.find(each => each.nationalId === id) : undefined
  if (grant !== undefined) return <GrantScreen grant={grant} own={own} onDone={onDone} />
  return (
    <Screen
      title={loaded.value === null ? words.frame.wait : words.rights.gone}
      back={{ label: words.frame.back, onBack: () => goTo('access') }}
    >
      {loaded.trouble && <TroubleBox trouble={loaded.trouble} onAgain={loaded.reload} />}
      {loaded.value === null && loaded.busy && <Waiting>{words.access.loading}</Waiting>}
    </Screen>
  )
}

/** Read anew each time that it is looked at; the page that explains it shares what was read. */
function History({
  isVerified,
  titles,
}: {
  readonly isVerified: boolean
  readonly titles: ReadonlyMap<string, string>
}) {
  const { link } = useApp()
  const trace = useLoaded(() => link.call('trace', null))
  return isVerified ? <Verified loaded={trace} /> : <TraceScreen loaded={trace} titles={titles} />
}

function Home(props: {
  readonly warnings: readonly string[]
  readonly access: LoadedAccess['value']
  /** Somebody asks to take this identity's place. */
  readonly isAsked: boolean
}) {
  const { words, language } = useApp()
  const { home, closing, recoveries } = words
  const { warnings, access, isAsked } = props
  const requests = access?.requests.length ?? 0
  const isFirst = access !== null && requests + access.grants.length + access.blocked.length === 0
  return (
    <Screen title={home.title}>
      {isAsked && (
        <Notice kind="danger" title={recoveries.title}>
          <p>{recoveries.what}</p>
          <button type="button" onClick={() => goTo('recoveries')}>
            {recoveries.see}
          </button>
        </Notice>
      )}
      {warnings.length > 0 && (
        <Notice kind="warning" title={home.warnTitle}>
          <p>{home.warn}</p>
        </Notice>
      )}
      {access !== null && access.destroyedAt !== null && (
        <Notice kind="warning" title={closing.closedTitle}>
          <p>{closing.destroyedOn(dayOf(access.destroyedAt, language))}</p>
          <button type="button" onClick={() => goTo('closing')}>
            {closing.more}
          </button>
        </Notice>
      )}
      {isFirst && access.destroyedAt === null && (
        <Notice kind="info" title={home.firstTitle}>
          <p>{home.first}</p>
          <button type="button" onClick={() => goTo('give')}>
            {home.firstAct}
          </button>
        </Notice>
      )}
      <ul class="choices">
        <Choice title={home.documents} text={home.documentsText} onChoose={() => goTo('documents')} />
        <Choice
          title={home.access}
          text={home.accessText}
          badge={requests === 0 ? null : home.requests(requests)}
          onChoose={() => goTo('access')}
        />
        <Choice title={home.trace} text={home.traceText} onChoose={() => goTo('trace')} />
        <Choice title={home.settings} text={home.settingsText} onChoose={() => goTo('settings')} />
      </ul>
    </Screen>
  )
}

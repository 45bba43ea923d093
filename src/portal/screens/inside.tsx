import { useEffect, useMemo, useState } from 'preact/hooks'
import { useApp } from '../context.ts'
import { Choice } from '../parts/choice.tsx'
import { Notice, TroubleBox, Waiting } from '../parts/notice.tsx'
import { Screen } from '../parts/screen.tsx'
import { useLoaded } from '../parts/use-busy.ts'
import { goTo } from '../places.ts'
import { Access, type LoadedAccess } from './access.tsx'
import { DocumentScreen } from './document.tsx'
import { Documents } from './documents.tsx'
import { Answer, Give } from './give.tsx'
import { GrantScreen } from './grant.tsx'
import { Notices } from './notices.tsx'
import { TraceScreen } from './trace.tsx'
import { Verified } from './verified.tsx'

/** How often it is asked whether somebody waits for an answer, milliseconds; only while that list is on the screen. */
const REQUESTS_EVERY_MS = 15_000

/** Inside a record that is open: the address's `#…` is the place. */
export function Inside({ warnings }: { readonly warnings: readonly string[] }) {
  const { link } = useApp()
  const [place, setPlace] = useState(() => location.hash.slice(1))
  const [news, setNews] = useState('')
  useEffect(() => {
    const follow = () => {
      setPlace(location.hash.slice(1))
      if (location.hash !== '#access') setNews('')
    }
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  const documents = useLoaded(() => link.call('documents', null))
  const access = useLoaded(() => link.call('access', null))
  const titles = useMemo(
    () => new Map(documents.value?.documents.map(({ id, title }) => [id, title] as const) ?? []),
    [documents.value],
  )
  const [name = '', id = ''] = place.split('/')
  useEffect(() => {
    if (name !== 'access' && name !== '') return
    const look = () => link.call('access', null, { isByItself: true }).then(access.renew, () => undefined)
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
      return <DocumentScreen key={id} id={id} loaded={documents} />
    case 'access':
      return <Access loaded={access} news={news} />
    case 'give':
      return <Give onDone={onDone} />
    case 'answer':
    case 'grant':
      return <OneAccess key={place} name={name} id={id} loaded={access} onDone={onDone} />
    case 'trace':
    case 'verified':
      return <History isVerified={name === 'verified'} titles={titles} />
    case 'notices':
      return <Notices />
    default:
      return <Home warnings={warnings} requests={access.value?.requests.length ?? 0} />
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
  if (request !== undefined) return <Answer request={request} onDone={onDone} />
  const grant = name === 'grant' ? loaded.value?.grants.find(each => each.nationalId === id) : undefined
  if (grant !== undefined) return <GrantScreen grant={grant} onDone={onDone} />
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

function Home({ warnings, requests }: { readonly warnings: readonly string[]; readonly requests: number }) {
  const { home } = useApp().words
  return (
    <Screen title={home.title}>
      {warnings.length > 0 && (
        <Notice kind="warning" title={home.warnTitle}>
          <p>{home.warn}</p>
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
        <Choice title={home.settings} text={home.settingsText} onChoose={() => goTo('notices')} />
      </ul>
    </Screen>
  )
}

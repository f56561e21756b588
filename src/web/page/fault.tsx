// A page that could not be shown, and an address that leads nowhere.
import { useRouter } from '@tanstack/react-router'
import { ButtonLink } from '../part/button-link.tsx'
import { Empty, FaultNotice } from '../part/notice.tsx'
import { Page } from '../part/page.tsx'

export function PageFault({ error, reset }: { readonly error: unknown; readonly reset: () => void }) {
  const router = useRouter()
  return (
    <Page title="This page could not be shown">
      <FaultNotice
        error={error}
        retry={() => {
          reset()
          void router.invalidate()
        }}
      />
    </Page>
  )
}

export function PageMissing() {
  return (
    <Page title="Nothing here">
      <Empty icon="question" title="This address does not lead to a page">
        <p>It may have been deleted, or the address is mistyped.</p>
        <ButtonLink to="/" variant="default">
          To the overview
        </ButtonLink>
      </Empty>
    </Page>
  )
}

// Starts the application: client, cache and router, each made once and handed down.
import './zod-without-eval.ts'
import './style/mantine-parts.ts'
import './style/token.css'
import './style/base.css'
import './style/mantine.css'
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import type { SessionOut } from '#contract/api/identity'
import { Fault } from '#contract/fault'
import { ApiProvider, createBrowserApi } from './api.ts'
import { createAppRouter } from './router.tsx'
import { theme } from './style/theme.ts'

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      retry: (failures, error) => failures < 2 && error instanceof Fault && error.retry === 'later',
    },
  },
})
const api = createBrowserApi({
  fetch: (url, init) => fetch(url, init),
  csrfToken: () => queries.getQueryData<SessionOut | null>(['session'])?.csrfToken,
  sessionEnded: () => {
    if (queries.getQueryData(['session']) === null) return
    queries.setQueryData(['session'], null)
    void router.navigate({ to: '/sign-in', search: { to: router.state.location.href } })
  },
})
const router = createAppRouter({ api, queries })

const element = document.getElementById('root')
if (!element) throw new Error('index.html has no #root')
createRoot(element).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      colorSchemeManager={localStorageColorSchemeManager({ key: 'sluice-color-scheme' })}
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <QueryClientProvider client={queries}>
        <ApiProvider value={api}>
          <RouterProvider router={router} />
        </ApiProvider>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)

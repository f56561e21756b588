// Notifications put together: their handlers, and what has to be looked at from time to time.
import { sql } from 'kysely'
import type { ApiHandlers } from '../http/handler.ts'
import { type DeliverDependencies, sendNotifications } from './deliver.ts'
import { notificationHandlers, type NotificationNames } from './handlers.ts'

/** Those that were delivered, and those that were given up, are kept so long. */
const deliveredDays = 30
const deadDays = 90

export interface Notifications {
  readonly handlers: ApiHandlers<NotificationNames>
  /** Sends what is due; call it about every second on every replica. Gives how many were tried. */
  tick(): Promise<number>
  /** Takes away what is kept no longer; call it about every hour. */
  tidy(): Promise<void>
}

export function createNotifications(dependencies: DeliverDependencies): Notifications {
  const { db } = dependencies.store
  return {
    handlers: notificationHandlers(dependencies.store),
    tick: () => sendNotifications(dependencies),
    tidy: async () => {
      await db
        .deleteFrom('notification')
        .where(sql<boolean>`state = 'done' and updated_at < now() - make_interval(days => ${deliveredDays})
          or state = 'dead' and updated_at < now() - make_interval(days => ${deadDays})`)
        .execute()
    },
  }
}

import type { PageViewedEvent } from '../../schemas/event.js'
import { text } from '../csv/cells.js'
import { courseColumns, pageAttemptColumns } from '../csv/course-columns.js'
import { csvFormat } from '../csv/csv-format.js'

/** One row per visit of a page. */
export const pageViewed = csvFormat<PageViewedEvent>({
  kind: 'page_viewed',
  rules: 2,
  categories: ['page_viewed'],
  rows: { page_viewed: 'page_viewed' },
  columns: [
    ...courseColumns<PageViewedEvent>(
      text(() => 'page_viewed'),
      '`page_viewed`',
    ),
    ...pageAttemptColumns<PageViewedEvent>(),
  ],
})

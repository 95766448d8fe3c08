import { changeText } from '../view/change.ts';
import { timeText } from '../view/format.ts';
import { changes, type NumberedChange } from './live.ts';

/** What has happened lately, the newest first. */
export function Changes() {
  if (changes.value.length === 0) return <p class="empty">Nothing has happened yet.</p>;
  return (
    <section aria-label="Changes">
      <ol class="changes">
        {changes.value.map((change) => (
          <Line key={change.id} change={change} />
        ))}
      </ol>
    </section>
  );
}

/** The last one, told to screen readers when it comes. */
export function LastChange() {
  const [last] = changes.value;
  return (
    <div class="last-change" role="status" aria-live="polite">
      {last !== undefined && <Text change={last} />}
    </div>
  );
}

function Line({ change }: { readonly change: NumberedChange }) {
  return (
    <li>
      <Text change={change} />
    </li>
  );
}

function Text({ change: { change } }: { readonly change: NumberedChange }) {
  const { tone, subject, what } = changeText(change);
  const at = new Date(change.at);
  return (
    <>
      <time dateTime={change.at} title={at.toLocaleString()}>
        {timeText(at)}
      </time>
      <span class={`mark ${tone}`} aria-hidden="true" />
      <span class="change-text">
        {subject !== '' && <bdi class="name">{subject}</bdi>} {what}
      </span>
    </>
  );
}

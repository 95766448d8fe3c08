import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

import { asked, type Command, type Field, notice, type Values } from './command.ts';
import { failureOf, failureText } from './failure.ts';

/** Asks for a confirmation of a command. The browser keeps the focus in it, and Escape closes it. */
export function Confirmation() {
  const command = asked.value;
  return command === undefined ? null : <Question key={command.title + command.explains} command={command} />;
}

function Question({ command }: { readonly command: Command }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const isRunning = useSignal(false);
  const failure = useSignal<unknown>(undefined);
  useEffect(() => dialog.current?.showModal(), []);

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (isRunning.value || !(event.currentTarget instanceof HTMLFormElement)) return;
    const values = valuesOf(event.currentTarget);
    isRunning.value = true;
    failure.value = undefined;
    if (command.underWay !== undefined) {
      notice.value = { text: command.underWay(values) };
      close();
    }
    try {
      notice.value = { text: await command.run(values) };
      close();
    } catch (thrown) {
      const isLeft = asked.value !== command;
      if (isLeft) notice.value = { text: `${command.title}: ${failureText(thrown)}`, isFailure: true };
      else failure.value = thrown;
      isRunning.value = false;
    }
  }

  /** The browser gives the focus back to where it was. By then another dialog may be open: it keeps the focus. */
  function close(): void {
    dialog.current?.close();
    leave();
  }

  function leave(): void {
    if (asked.value === command) asked.value = undefined;
  }

  return (
    <dialog ref={dialog} class="question" aria-labelledby="question-title" onClose={leave}>
      <form onSubmit={(event) => void submit(event)}>
        <h2 id="question-title">{command.title}</h2>
        <p>{command.explains}</p>
        {command.fields?.map((field) => (
          <Input key={field.name} field={field} />
        ))}
        {failure.value !== undefined && <Failure thrown={failure.value} />}
        <p class="buttons">
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="submit" class={command.isHarmful === true ? 'harmful' : 'primary'} disabled={isRunning.value}>
            {command.verb}
          </button>
        </p>
      </form>
    </dialog>
  );
}

function valuesOf(form: HTMLFormElement): Values {
  const entries = [...new FormData(form)].flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value]] : [],
  );
  return Object.fromEntries(entries) as Values;
}

function Input({ field }: { readonly field: Field }) {
  const { name, label, kind, value, hint, choices, pattern, isRequired = false } = field;
  const id = `field-${name}`;
  const common = { id, name, required: isRequired, 'aria-describedby': hint === undefined ? undefined : `${id}-hint` };
  return (
    <p class="field">
      <label for={id}>{label}</label>
      {kind === 'lines' && <textarea {...common} rows={4} defaultValue={value} spellcheck={false} />}
      {kind === 'choice' && (
        <select {...common}>
          {choices?.map((choice) => (
            <option key={choice} selected={choice === value}>
              {choice}
            </option>
          ))}
        </select>
      )}
      {kind === 'number' && <input {...common} type="number" min={0} step={1} defaultValue={value} />}
      {kind === 'text' && (
        <input
          {...common}
          type="text"
          autocomplete="off"
          spellcheck={false}
          defaultValue={value}
          pattern={pattern}
          title={pattern === undefined ? undefined : hint}
        />
      )}
      {hint !== undefined && (
        <small id={`${id}-hint`} class="hint">
          {hint}
        </small>
      )}
    </p>
  );
}

function Failure({ thrown }: { readonly thrown: unknown }) {
  const { text, problems } = failureOf(thrown);
  return (
    <div class="failure" role="alert">
      <p>{text}</p>
      {problems.length > 1 && (
        <ul>
          {problems.map((problem) => (
            <li key={problem}>{problem}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

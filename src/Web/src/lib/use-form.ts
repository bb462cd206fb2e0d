import { useState } from 'react';
import { noProblem, problemOf, type FieldErrors, type FormProblem } from '@/lib/validation';

interface Submission {
  /** What is wrong with the fields before anything is sent. */
  readonly fields: FieldErrors;
  /** The texts for fields that the server refuses. */
  readonly refusals: FieldErrors;
  readonly send: () => Promise<unknown>;
  /** The form stays open after success. */
  readonly stays?: boolean;
}

/** A form's problem and its submission. Busy while it is sent, and after success too: the form closes then. */
export function useForm() {
  const [problem, setProblem] = useState<FormProblem>(noProblem);
  const [busy, setBusy] = useState(false);

  /** Resolves to the errors that the fields now show. */
  const submit = async ({ fields, refusals, send, stays = false }: Submission): Promise<FieldErrors> => {
    if (Object.keys(fields).length > 0) {
      setProblem({ fields, code: null });
      return fields;
    }
    setBusy(true);
    setProblem(noProblem);
    try {
      await send();
      if (stays) setBusy(false);
      return {};
    } catch (error) {
      const refused = problemOf(error, refusals);
      setProblem(refused);
      setBusy(false);
      return refused.fields;
    }
  };

  return { problem, busy, submit };
}

import type { ImagePreviews } from './uploads';

export const browserPreviews: ImagePreviews = {
  open: (file) => URL.createObjectURL(file),
  close: (url) => URL.revokeObjectURL(url),
  measure: async (url) => {
    const image = new Image();
    image.src = url;
    try {
      await image.decode();
      return { width: image.naturalWidth, height: image.naturalHeight };
    } catch {
      return null;
    }
  },
};

import { ref } from 'vue'

// Unread notices of the signed-in person, shared by the bell and the page.
export const unread = ref(0)

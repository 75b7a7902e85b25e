//! USB devices without a bus: a test runs below umockdev, and everything above the kernel is real. In the virtual
//! computer of `guest` the kernel is real too.

mod bed;
mod device;
mod embassy;
#[cfg(feature = "guest")]
pub(crate) mod packet;
#[cfg(not(feature = "guest"))]
mod packet;
mod tinyusb;
mod usbd;
pub(crate) mod usbip;

pub use self::bed::{Bed, below_a_quiet_bed, below_the_bed, program};
pub use self::device::{Device, Pulled};
pub use self::embassy::{EmbassyDevice, EmbassySettings};
pub use self::tinyusb::{TinyUsbDevice, TinyUsbSettings};
pub use self::usbd::UsbdDevice;
